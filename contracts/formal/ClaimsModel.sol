// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// A requirement of a model is an assumption: nobody reads its error.
// solhint-disable gas-custom-errors

/// @title The accounting of RewardDistributor, without its hashing
/// @notice The real contract computes which root a word leads to; here anybody may claim any word of any root, so what holds
/// here holds for every tree that a court could schedule.
/// @dev Time is a variable: the checker does not know that blocks follow each other. `held` is the vault's balance of OPEN,
/// which moves by the two transfers alone; a gift would only raise it.
contract ClaimsModel {
    uint256 internal constant FROZEN = type(uint256).max;
    uint256 internal constant WINDOW = 1 days;

    uint256 internal time = 1;
    uint256 internal held;
    uint256 internal funded;
    uint256 internal paid;
    mapping(bytes32 root => uint256) internal opensAt;
    mapping(address account => uint256) internal claimedOf;

    // One account and one root, chosen by nobody: what holds for them holds for all.
    address internal immutable SOMEBODY;
    bytes32 internal immutable SOME_ROOT;
    uint256 internal claimedByOthers;
    bool internal wasLive;

    constructor(address somebody, bytes32 someRoot) {
        SOMEBODY = somebody;
        SOME_ROOT = someRoot;
    }

    function wait_(uint64 time_) external {
        time += time_;
    }

    function fund(uint128 amountWei) external {
        require(amountWei != 0);
        require(funded < 2 ** 200);
        funded += amountWei;
        held += amountWei;
    }

    function schedule(bytes32 root) external {
        uint256 before = opensAt[root];
        require(root != 0 && (before == 0 || before == FROZEN));
        require(time < 2 ** 200);
        opensAt[root] = time + WINDOW;
        // Proven: a live root is not scheduled again
        assert(!(root == SOME_ROOT && wasLive));
    }

    function freeze(bytes32 root) external {
        uint256 opensAt_ = opensAt[root];
        require(time < opensAt_ && opensAt_ != FROZEN);
        opensAt[root] = FROZEN;
        // Proven: a live root is not frozen
        assert(!(root == SOME_ROOT && wasLive));
    }

    function see() external {
        if (opensAt[SOME_ROOT] != 0 && time >= opensAt[SOME_ROOT] && opensAt[SOME_ROOT] != FROZEN) wasLive = true;
    }

    function claim(bytes32 root, address account, uint96 cumulativeWei) external {
        require(opensAt[root] != 0 && time >= opensAt[root]);
        uint256 claimedWei = claimedOf[account];
        require(cumulativeWei > claimedWei);
        uint256 amountWei = cumulativeWei - claimedWei;
        require(amountWei <= held); // the token sees to it
        claimedOf[account] = cumulativeWei;
        held -= amountWei;
        paid += amountWei;
        if (account != SOMEBODY) claimedByOthers += amountWei;
        // Proven: what an account was paid in all only grows, to what its word says
        assert(claimedOf[account] > claimedWei && claimedOf[account] == cumulativeWei);
    }

    function invariants() external view {
        // Proven: what the vault holds and what it paid is what was funded
        assert(held + paid == funded);
        // Proven: never more is paid than was funded
        assert(paid <= funded);
        // Proven: the sum of all that accounts were paid is what was paid
        assert(claimedOf[SOMEBODY] + claimedByOthers == paid);
    }
}
