// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IRewardDistributor} from "./IRewardDistributor.sol";
import {IRewardSink} from "./IRewardSink.sol";
import {MerkleWord} from "./MerkleWord.sol";

/// @title Where contributors claim
/// @notice See IRewardDistributor, which says what each function does, trusts and refuses.
contract RewardDistributor is IRewardDistributor {
    using SafeERC20 for IERC20;
    using MerkleWord for bytes32;
    using MerkleWord for bytes32[];

    /// @notice `opensAt` of a frozen root: a time that never comes.
    uint256 public constant FROZEN = type(uint256).max;

    /// @notice OPEN.
    IERC20 public immutable TOKEN;
    /// @inheritdoc IRewardDistributor
    address public immutable COURT;
    /// @notice Seconds between scheduling a root and its paying, in which it can be challenged.
    uint256 public immutable WINDOW;

    /// @inheritdoc IRewardDistributor
    mapping(bytes32 root => uint256) public opensAt;
    /// @inheritdoc IRewardDistributor
    uint256 public funded;
    /// @inheritdoc IRewardDistributor
    mapping(address account => uint256) public idOf;
    /// @inheritdoc IRewardDistributor
    mapping(uint256 id => address) public holderOf;
    /// @inheritdoc IRewardDistributor
    uint256 public lastId;
    /// @dev recipient (160) ‖ claimed wei (96): a redirected payout costs no further slot.
    mapping(address account => uint256) internal _accounts;
    /// @dev What a root proved for two neighbouring ids: the odd one's wei (128) ‖ the even one's (128).
    uint256[1 << 31] internal _credits;

    modifier onlyCourt() {
        require(msg.sender == COURT, DistributorNotCourt(msg.sender));
        _;
    }

    constructor(IERC20 token, address court, uint256 window) {
        require(address(token) != address(0) && court != address(0) && window != 0, DistributorUnset());
        (TOKEN, COURT, WINDOW) = (token, court, window);
    }

    /// @inheritdoc IRewardSink
    function fund(uint256 amountWei, bytes32 source) external {
        require(amountWei != 0, DistributorZeroAmount());
        uint256 fundedWei = funded + amountWei;
        funded = fundedWei;
        emit Funded(msg.sender, source, amountWei, fundedWei);
        TOKEN.safeTransferFrom(msg.sender, address(this), amountWei);
    }

    /// @inheritdoc IRewardDistributor
    function schedule(bytes32 root) external onlyCourt returns (uint256 opensAt_) {
        uint256 before = opensAt[root];
        require(root != 0, DistributorZeroRoot());
        require(before == 0 || before == FROZEN, DistributorRootScheduled(root, before));
        opensAt_ = block.timestamp + WINDOW;
        opensAt[root] = opensAt_;
        emit RootScheduled(root, opensAt_);
    }

    /// @inheritdoc IRewardDistributor
    function freeze(bytes32 root) external onlyCourt {
        uint256 opensAt_ = opensAt[root];
        require(block.timestamp < opensAt_ && opensAt_ != FROZEN, DistributorRootNotPending(root, opensAt_));
        opensAt[root] = FROZEN;
        emit RootFrozen(root);
    }

    /// @inheritdoc IRewardDistributor
    function setRecipient(address recipient) external {
        require(recipient != address(this), DistributorRecipientIsVault());
        _accounts[msg.sender] = (uint256(uint160(recipient)) << 96) | uint96(_accounts[msg.sender]);
        emit RecipientSet(msg.sender, recipient);
    }

    /// @inheritdoc IRewardDistributor
    function register() external returns (uint256 id) {
        require(idOf[msg.sender] == 0, DistributorRegistered(msg.sender, idOf[msg.sender]));
        id = ++lastId;
        require(id <= MerkleWord.MAX_ID, DistributorNoMoreIds());
        (idOf[msg.sender], holderOf[id]) = (id, msg.sender);
        emit Registered(id, msg.sender);
    }

    /// @inheritdoc IRewardDistributor
    function claim(bytes32 word, uint256 index, bytes32[] calldata proof) external returns (uint256 amountWei) {
        _requireLive(word.fold(index, proof));
        address account = _accountOf(word);
        require(account != address(0), DistributorNobodys(word));
        amountWei = _payTo(account, word.cumulativeWei());
        // Not `require`, which would read what the error says even where it is not thrown.
        if (amountWei == 0) {
            revert DistributorNothingToClaim(account, word.cumulativeWei(), claimedOf(account));
        }
    }

    /// @inheritdoc IRewardDistributor
    function claimSubtree(
        bytes32[] calldata words,
        uint256 index,
        bytes32[] calldata proof
    ) external returns (uint256 paid) {
        _requireLive(MerkleWord.climb(MerkleWord.subroot(words), index, proof));
        for (uint256 i; i < words.length; ++i) {
            bytes32 word = words.at(i);
            address account = _accountOf(word);
            if (account == address(0)) continue;
            unchecked {
                if (_payTo(account, word.cumulativeWei()) != 0) ++paid; // at most the words
            }
        }
    }

    /// @inheritdoc IRewardDistributor
    function creditSubtree(bytes32[] calldata words, uint256 index, bytes32[] calldata proof) external {
        bytes32 root = MerkleWord.climb(MerkleWord.subroot(words), index, proof);
        _requireLive(root);
        emit SubtreeCredited(root, index, words);
        // Words ascend: what names nobody comes before all ids, and what names an address after them.
        uint256 i;
        while (i < words.length && words.at(i).key() == 0) ++i;
        uint256 pair = type(uint256).max;
        uint256 credits;
        uint256 before;
        for (; i < words.length;) {
            bytes32 word = words.at(i);
            uint256 id = word.key();
            if (id >> 1 != pair) {
                if (id > MerkleWord.MAX_ID) break;
                if (credits != before) _storeCredits(pair, credits);
                pair = id >> 1;
                credits = before = _loadCredits(pair);
            }
            unchecked {
                credits = _raised(credits, id, word.cumulativeWei());
                ++i;
            }
        }
        if (credits != before) _storeCredits(pair, credits);
    }

    /// @inheritdoc IRewardDistributor
    function collect(uint256 id) external returns (uint256 amountWei) {
        address account = holderOf[id];
        require(account != address(0), DistributorUnknownId(id));
        uint256 creditedWei = creditedOf(id);
        amountWei = _payTo(account, creditedWei);
        if (amountWei == 0) revert DistributorNothingToClaim(account, creditedWei, claimedOf(account));
    }

    /// @inheritdoc IRewardDistributor
    function isLive(bytes32 root) public view returns (bool live) {
        uint256 opensAt_ = opensAt[root];
        return opensAt_ != 0 && block.timestamp >= opensAt_;
    }

    /// @inheritdoc IRewardDistributor
    function claimedOf(address account) public view returns (uint256 claimedWei) {
        return uint96(_accounts[account]);
    }

    /// @inheritdoc IRewardDistributor
    function creditedOf(uint256 id) public view returns (uint256 creditedWei) {
        return id > MerkleWord.MAX_ID ? 0 : uint128(_loadCredits(id >> 1) >> ((id & 1) << 7));
    }

    /// @inheritdoc IRewardDistributor
    function recipientOf(address account) external view returns (address recipient) {
        return address(uint160(_accounts[account] >> 96));
    }

    function _requireLive(bytes32 root) internal view {
        uint256 opensAt_ = opensAt[root];
        require(opensAt_ != 0 && block.timestamp >= opensAt_, DistributorRootNotLive(root, opensAt_));
    }

    /// @dev Solidity would check the bound twice for each pair of a batch. Trusts the caller that `pair` is of ids up to
    /// MAX_ID.
    function _loadCredits(uint256 pair) internal view returns (uint256 credits) {
        assembly ("memory-safe") {
            credits := sload(add(_credits.slot, pair))
        }
    }

    /// @dev As above.
    function _storeCredits(uint256 pair, uint256 credits) internal {
        assembly ("memory-safe") {
            sstore(add(_credits.slot, pair), credits)
        }
    }

    /// @dev `credits` of a pair of ids with `id`'s raised to `cumulativeWei`; an older word changes nothing.
    function _raised(uint256 credits, uint256 id, uint256 cumulativeWei) internal pure returns (uint256) {
        uint256 shift = (id & 1) << 7;
        uint256 creditedWei = uint128(credits >> shift);
        return cumulativeWei > creditedWei ? credits ^ ((creditedWei ^ cumulativeWei) << shift) : credits;
    }

    /// @return account 0 if the word is a sentinel or padding, or names an id that nobody has
    function _accountOf(bytes32 word) internal view returns (address account) {
        uint256 key = word.key();
        if (key <= MerkleWord.MAX_ID) return holderOf[key]; // 0 is nobody's
        return key == type(uint160).max ? address(0) : address(uint160(key));
    }

    /// @return amountWei 0 if the account has nothing new
    function _payTo(address account, uint256 cumulativeWei) internal returns (uint256 amountWei) {
        uint256 stored = _accounts[account];
        uint256 claimedWei = uint96(stored);
        if (cumulativeWei <= claimedWei) return 0;
        unchecked {
            amountWei = cumulativeWei - claimedWei; // compared in the line above
        }
        _accounts[account] = (stored ^ claimedWei) | cumulativeWei;
        address to = address(uint160(stored >> 96));
        if (to == address(0)) to = account;
        emit Claimed(account, to, amountWei, cumulativeWei);
        TOKEN.safeTransfer(to, amountWei);
    }
}
