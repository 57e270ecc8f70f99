// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRewardSink} from "./IRewardSink.sol";

/// @title Where contributors claim
/// @notice An immutable vault that pays what live Merkle roots grant, cumulatively: an account gets what its word says, less
/// what it already got. Sum paid never exceeds sum funded.
/// @dev A claim names no root: the proof yields it, and one read says unknown, pending, live or frozen. So a proof does not
/// go stale when a newer root lands, and nothing can take a live root back. Trusts: OPEN takes no fee on transfer and calls
/// nobody; the court schedules no root that should not be paid.
/// An account may ask for an id, a small number. Words then name the id instead of the address, lie side by side in the tree,
/// and two of them share a slot of credits, so that a whole subtree is credited for a few thousand gas an account. What was
/// ever paid is kept by account alone, so it does not matter which of its words an account is paid by.
interface IRewardDistributor is IRewardSink {
    /// @notice Money arrived for rewards.
    event Funded(address indexed from, bytes32 indexed source, uint256 amountWei, uint256 fundedWei);
    /// @notice A root pays from `opensAt` on, unless it is frozen before.
    event RootScheduled(bytes32 indexed root, uint256 opensAt);
    /// @notice A pending root was stopped.
    event RootFrozen(bytes32 indexed root);
    /// @notice An account was paid.
    event Claimed(address indexed account, address to, uint256 amountWei, uint256 cumulativeWei);
    /// @notice An account's payouts go to `recipient` from now on; 0 means to itself.
    event RecipientSet(address indexed account, address indexed recipient);
    /// @notice An account has an id.
    event Registered(uint256 indexed id, address indexed account);
    /// @notice The ids of these words are credited with what they say; each holder can collect it.
    event SubtreeCredited(bytes32 indexed root, uint256 index, bytes32[] words);

    /// @notice Only the court may schedule and freeze.
    error DistributorNotCourt(address sender);
    /// @notice A vault without token, court or window.
    error DistributorUnset();
    /// @notice The zero root.
    error DistributorZeroRoot();
    /// @notice A root that is pending or live is not scheduled again.
    error DistributorRootScheduled(bytes32 root, uint256 opensAt);
    /// @notice Only a pending root can be frozen: this one is unknown (0), frozen or live.
    error DistributorRootNotPending(bytes32 root, uint256 opensAt);
    /// @notice The proof leads to a root that is unknown (0), pending or frozen (the greatest number).
    error DistributorRootNotLive(bytes32 root, uint256 opensAt);
    /// @notice The word belongs to nobody: a sentinel, padding, or an id that was not given.
    error DistributorNobodys(bytes32 word);
    /// @notice The account already got all that the word grants.
    error DistributorNothingToClaim(address account, uint256 cumulativeWei, uint256 claimedWei);
    /// @notice Funding with nothing.
    error DistributorZeroAmount();
    /// @notice Payouts into the vault itself would be lost.
    error DistributorRecipientIsVault();
    /// @notice The account has an id already.
    error DistributorRegistered(address account, uint256 id);
    /// @notice Nobody has this id.
    error DistributorUnknownId(uint256 id);
    /// @notice All ids are given.
    error DistributorNoMoreIds();

    /// @notice Lets a root pay after the window. Court only; a frozen root may be scheduled again.
    function schedule(bytes32 root) external returns (uint256 opensAt_);

    /// @notice Stops a pending root. Court only.
    function freeze(bytes32 root) external;

    /// @notice Sends the sender's payouts elsewhere; 0 undoes it.
    function setRecipient(address recipient) external;

    /// @notice Pays the account of `word` what it was not yet paid. Anybody may call; the account or its recipient gets it.
    /// @param word account ‖ cumulative wei
    /// @param index of the word in its tree
    /// @param proof siblings from the leaf up
    /// @return amountWei what was paid
    function claim(bytes32 word, uint256 index, bytes32[] calldata proof) external returns (uint256 amountWei);

    /// @notice Pays a whole aligned subtree of 2^k words at once; those with nothing new are passed over.
    /// @param words the subtree's words in order
    /// @param index of the subtree among those of its size
    /// @param proof siblings from the subtree's root up
    /// @return paid accounts that were paid
    function claimSubtree(
        bytes32[] calldata words,
        uint256 index,
        bytes32[] calldata proof
    ) external returns (uint256 paid);

    /// @notice Gives the sender an id, for good.
    function register() external returns (uint256 id);

    /// @notice Credits the ids of an aligned subtree of 2^k words with what the words say, without paying. Anybody may call;
    /// words that name an address or nobody are passed over.
    /// @param words the subtree's words in order
    /// @param index of the subtree among those of its size
    /// @param proof siblings from the subtree's root up
    function creditSubtree(bytes32[] calldata words, uint256 index, bytes32[] calldata proof) external;

    /// @notice Pays the holder of an id what was credited and not yet paid. Anybody may call.
    function collect(uint256 id) external returns (uint256 amountWei);

    /// @notice The only account that may schedule and freeze roots.
    function COURT() external view returns (address court);

    /// @notice When a root pays: 0 unknown, the greatest number frozen, else seconds since 1970.
    function opensAt(bytes32 root) external view returns (uint256 time);

    /// @notice Whether a root pays now.
    function isLive(bytes32 root) external view returns (bool live);

    /// @notice All that was ever funded, wei, CUMULATIVE.
    function funded() external view returns (uint256 fundedWei);

    /// @notice All that an account was ever paid, wei, CUMULATIVE.
    function claimedOf(address account) external view returns (uint256 claimedWei);

    /// @notice An account's id; 0 if it has none.
    function idOf(address account) external view returns (uint256 id);

    /// @notice Who has an id; 0 for nobody.
    function holderOf(uint256 id) external view returns (address account);

    /// @notice The greatest id given so far.
    function lastId() external view returns (uint256 id);

    /// @notice All that roots proved for an id by `creditSubtree`, wei, CUMULATIVE.
    function creditedOf(uint256 id) external view returns (uint256 creditedWei);

    /// @notice Where an account's payouts go; 0 means to itself.
    function recipientOf(address account) external view returns (address recipient);
}
