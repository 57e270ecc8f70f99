// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// solhint-disable-next-line max-line-length
import {ERC721URIStorageUpgradeable} from "@openzeppelin/contracts-upgradeable/token/ERC721/extensions/ERC721URIStorageUpgradeable.sol";
import {EIP712Upgradeable} from "@openzeppelin/contracts-upgradeable/utils/cryptography/EIP712Upgradeable.sol";
import {Guarded} from "../governance/Guarded.sol";
import {IAgentKeys} from "./IAgentKeys.sol";
import {IAgentRegistry} from "./IAgentRegistry.sol";
import {Signatures} from "./Signatures.sol";

/// @title Who the agents are
/// @notice See IAgentRegistry, which says what each function does, trusts and refuses.
contract AgentRegistry is IAgentRegistry, ERC721URIStorageUpgradeable, EIP712Upgradeable, Guarded {
    bytes32 internal constant WALLET_TYPEHASH = keccak256(
        "AgentWalletSet(uint256 agentId,address newWallet,address owner,uint256 deadline)"
    );
    string internal constant WALLET_KEY = "agentWallet";

    /// @inheritdoc IAgentRegistry
    uint256 public agentCount;
    /// @inheritdoc IAgentRegistry
    mapping(uint256 agentId => mapping(address operator => uint256)) public ceasedAt;
    mapping(uint256 agentId => address) internal _wallets;
    mapping(uint256 agentId => mapping(string metadataKey => bytes)) internal _metadata;

    modifier onlyAuthorized(uint256 agentId) {
        address owner = _requireOwned(agentId);
        require(_isAuthorized(owner, msg.sender, agentId), AgentNotAuthorized(agentId, msg.sender));
        _;
    }

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc IAgentRegistry
    function initialize(address governance, address guardian_) external initializer {
        __ERC721_init("OpenLedger Agents", "AGENT");
        __EIP712_init("ERC8004IdentityRegistry", "1");
        __Guarded_init(governance, guardian_);
    }

    /// @inheritdoc IAgentRegistry
    function register(string calldata agentURI, MetadataEntry[] calldata metadata) external returns (uint256 agentId) {
        agentId = _register(agentURI);
        for (uint256 i; i < metadata.length; ++i) {
            _setMetadata(agentId, metadata[i].metadataKey, metadata[i].metadataValue);
        }
    }

    /// @inheritdoc IAgentRegistry
    function register(string calldata agentURI) external returns (uint256 agentId) {
        return _register(agentURI);
    }

    /// @inheritdoc IAgentRegistry
    function register() external returns (uint256 agentId) {
        return _register("");
    }

    /// @inheritdoc IAgentRegistry
    function setAgentURI(uint256 agentId, string calldata newURI) external onlyAuthorized(agentId) {
        _setTokenURI(agentId, newURI);
        emit URIUpdated(agentId, newURI, msg.sender);
    }

    /// @inheritdoc IAgentRegistry
    function setMetadata(
        uint256 agentId,
        string calldata metadataKey,
        bytes calldata metadataValue
    ) external onlyAuthorized(agentId) {
        _setMetadata(agentId, metadataKey, metadataValue);
    }

    /// @inheritdoc IAgentRegistry
    function setAgentWallet(
        uint256 agentId,
        address newWallet,
        uint256 deadline,
        bytes calldata signature
    ) external onlyAuthorized(agentId) {
        require(newWallet != address(0), AgentZeroWallet());
        require(block.timestamp <= deadline, AgentProofExpired(deadline, block.timestamp));
        bytes32 digest = hashAgentWallet(agentId, newWallet, ownerOf(agentId), deadline);
        require(Signatures.isBy(newWallet, digest, signature), AgentBadProof(newWallet));
        _cease(agentId, newWallet);
        _wallets[agentId] = newWallet;
        emit MetadataSet(agentId, WALLET_KEY, WALLET_KEY, abi.encodePacked(newWallet));
    }

    /// @inheritdoc IAgentRegistry
    function unsetAgentWallet(uint256 agentId) external onlyAuthorized(agentId) {
        _cease(agentId, ownerOf(agentId));
        _clearWallet(agentId);
    }

    /// @inheritdoc IAgentRegistry
    function getAgentWallet(uint256 agentId) external view returns (address wallet) {
        _requireOwned(agentId);
        return operatorOf(agentId);
    }

    /// @inheritdoc IAgentKeys
    function operatorOf(uint256 agentId) public view returns (address operator) {
        operator = _wallets[agentId];
        if (operator == address(0)) operator = _ownerOf(agentId);
    }

    /// @inheritdoc IAgentRegistry
    function getMetadata(
        uint256 agentId,
        string calldata metadataKey
    ) external view returns (bytes memory metadataValue) {
        _requireOwned(agentId);
        if (_isWalletKey(metadataKey)) return abi.encodePacked(operatorOf(agentId));
        return _metadata[agentId][metadataKey];
    }

    /// @inheritdoc IAgentRegistry
    function hashAgentWallet(
        uint256 agentId,
        address newWallet,
        address owner,
        uint256 deadline
    ) public view returns (bytes32 digest) {
        return _hashTypedDataV4(keccak256(abi.encode(WALLET_TYPEHASH, agentId, newWallet, owner, deadline)));
    }

    function _register(string memory agentURI) internal whenOpen returns (uint256 agentId) {
        agentId = ++agentCount;
        _mint(msg.sender, agentId);
        if (bytes(agentURI).length != 0) _setTokenURI(agentId, agentURI);
        emit Registered(agentId, agentURI, msg.sender);
        emit MetadataSet(agentId, WALLET_KEY, WALLET_KEY, abi.encodePacked(msg.sender));
    }

    function _setMetadata(uint256 agentId, string calldata metadataKey, bytes calldata metadataValue) internal {
        require(!_isWalletKey(metadataKey), AgentReservedKey(metadataKey));
        _metadata[agentId][metadataKey] = metadataValue;
        emit MetadataSet(agentId, metadataKey, metadataKey, metadataValue);
    }

    /// @dev Whoever acts for the agent, unless it is the next one too, will have done so until now.
    function _cease(uint256 agentId, address next) internal {
        address operator = operatorOf(agentId);
        if (operator == next || operator == address(0)) return;
        ceasedAt[agentId][operator] = block.timestamp;
        emit OperatorCeased(agentId, operator);
    }

    function _clearWallet(uint256 agentId) internal {
        if (_wallets[agentId] == address(0)) return;
        delete _wallets[agentId];
        emit MetadataSet(agentId, WALLET_KEY, WALLET_KEY, "");
    }

    /// @dev A new owner has not consented to the old one's wallet, nor has the wallet to the new owner.
    function _update(address to, uint256 agentId, address auth) internal override returns (address from) {
        _cease(agentId, to);
        from = super._update(to, agentId, auth);
        _clearWallet(agentId);
    }

    function _isWalletKey(string calldata metadataKey) internal pure returns (bool) {
        return keccak256(bytes(metadataKey)) == keccak256(bytes(WALLET_KEY));
    }
}
