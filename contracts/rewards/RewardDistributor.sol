// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IRewardDistributor} from "./IRewardDistributor.sol";
import {MerkleWord} from "./MerkleWord.sol";

/// @title Where contributors claim
/// @notice See IRewardDistributor, which says what each function does, trusts and refuses.
contract RewardDistributor is IRewardDistributor {
    using SafeERC20 for IERC20;
    using MerkleWord for bytes32;

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
    /// @dev recipient (160) ‖ claimed wei (96): a redirected payout costs no further slot.
    mapping(address account => uint256) internal _accounts;

    modifier onlyCourt() {
        require(msg.sender == COURT, DistributorNotCourt(msg.sender));
        _;
    }

    constructor(IERC20 token, address court, uint256 window) {
        require(address(token) != address(0) && court != address(0) && window != 0, DistributorUnset());
        (TOKEN, COURT, WINDOW) = (token, court, window);
    }

    /// @inheritdoc IRewardDistributor
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
    function claim(bytes32 word, uint256 index, bytes32[] calldata proof) external returns (uint256 amountWei) {
        require(!word.isSentinel(), DistributorSentinel(word));
        _requireLive(word.fold(index, proof));
        amountWei = _pay(word);
        require(
            amountWei != 0,
            DistributorNothingToClaim(word.account(), word.cumulativeWei(), claimedOf(word.account()))
        );
    }

    /// @inheritdoc IRewardDistributor
    function claimSubtree(
        bytes32[] calldata words,
        uint256 index,
        bytes32[] calldata proof
    ) external returns (uint256 paid) {
        _requireLive(MerkleWord.climb(MerkleWord.subroot(words), index, proof));
        for (uint256 i; i < words.length; ++i) {
            bytes32 word = words[i];
            if (!word.isSentinel() && _pay(word) != 0) ++paid;
        }
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
    function recipientOf(address account) external view returns (address recipient) {
        return address(uint160(_accounts[account] >> 96));
    }

    function _requireLive(bytes32 root) internal view {
        require(isLive(root), DistributorRootNotLive(root, opensAt[root]));
    }

    /// @return amountWei 0 if the account has nothing new
    function _pay(bytes32 word) internal returns (uint256 amountWei) {
        address account = word.account();
        uint256 cumulativeWei = word.cumulativeWei();
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
