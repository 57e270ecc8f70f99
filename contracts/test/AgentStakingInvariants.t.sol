// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgentStaking} from "../agents/IAgentStaking.sol";
import {Agents} from "./support/Agents.sol";
import {Invariants} from "./support/Invariants.sol";

/// Drives staking at random: two pools, four stakers, rewards, commissions, slashes, locks, donations, time.
contract StakingHandler is Agents {
    uint256 public stakedWei;
    uint256 public rewardedWei;
    uint256 public donatedWei;
    uint256 public slashedWei;
    uint256 public bountiesWei;
    uint256 public withdrawnWei;
    uint256 public commissionsWei;
    mapping(address staker => uint256) public inWei;
    mapping(address staker => uint256) public outWei;
    bytes32[2] internal pools = [AGENT, MODEL];
    address[4] internal stakers;
    uint64[] internal lockIds;

    function start() external {
        setUp();
        stakers = [operator, delegator, address(0xAB), address(0xAC)];
        for (uint256 i; i < 2; ++i) {
            for (uint256 j; j < 4; ++j) put(pools[i], stakers[j], 1e12);
        }
    }

    function put(bytes32 poolId, address staker, uint128 amountWei) internal {
        agentStaking.stake(poolId, staker, amountWei);
        stakedWei += amountWei;
        inWei[staker] += amountWei;
    }

    function stake_(uint256 which, uint256 who, uint128 amountWei) external {
        amountWei = uint128(bound(amountWei, 1, 1e22));
        try this.putFor(pools[which % 2], stakers[who % 4], amountWei) {} catch (bytes memory reason) {
            equal(bytes32(bytes4(reason)), bytes32(IAgentStaking.StakingTooSmall.selector), "only too small");
        }
    }

    function putFor(bytes32 poolId, address staker, uint128 amountWei) external {
        put(poolId, staker, amountWei);
    }

    function thaw_(uint256 which, uint256 who, uint256 shares) external {
        bytes32 poolId = pools[which % 2];
        address staker = stakers[who % 4];
        (uint256 heldShares, ) = agentStaking.stakeOf(poolId, staker);
        vm.prank(staker);
        try agentStaking.thaw(poolId, bound(shares, 0, heldShares)) {} catch (bytes memory reason) {
            bytes4 found = bytes4(reason);
            bool known =
                found == IAgentStaking.StakingTooManyThaws.selector ||
                    found == IAgentStaking.StakingZeroAmount.selector;
            require(known, "only too many or too little");
        }
    }

    function withdraw_(uint256 which, uint256 who) external {
        bytes32 poolId = pools[which % 2];
        address staker = stakers[who % 4];
        vm.prank(staker);
        try agentStaking.withdraw(poolId, staker) returns (uint256 amountWei) {
            withdrawnWei += amountWei;
            outWei[staker] += amountWei;
            require(
                agentStaking.slashableWei(poolId) >= agentStaking.lockedWei(poolId) || amountWei == 0,
                "locked stake left"
            );
        } catch (bytes memory reason) {
            bytes4 found = bytes4(reason);
            bool known =
                found == IAgentStaking.StakingStillThawing.selector || found == IAgentStaking.StakingLocked.selector;
            require(known, "only too early or locked");
        }
    }

    function reward_(uint256 which, uint96 amountWei) external {
        bytes32 poolId = pools[which % 2];
        if (!agentStaking.hasStake(poolId)) return;
        uint256 givenWei = bound(amountWei, 1, 1e22);
        agentStaking.reward(poolId, givenWei);
        rewardedWei += givenWei;
    }

    function setCommission(uint32 ppm) external {
        vm.prank(operator);
        agentStaking.setCommission(AGENT, uint32(bound(ppm, 0, 300_000)));
    }

    function takeCommission() external {
        if (agentStaking.earned(operator) == 0) return;
        vm.prank(operator);
        commissionsWei += agentStaking.withdrawCommission(operator);
    }

    function slash_(uint256 which, uint128 amountWei) external {
        bytes32 poolId = pools[which % 2];
        uint256 slashableWei = agentStaking.slashableWei(poolId);
        uint256 bountyBefore = token.balanceOf(BOUNTY);
        uint256 takenWei = slash(poolId, amountWei);
        uint256 bountyWei = token.balanceOf(BOUNTY) - bountyBefore;
        require(takenWei <= amountWei, "more than asked for");
        require(takenWei <= (slashableWei * 3) / 10, "more than the cap");
        require(2 * bountyWei <= takenWei, "more bounty than half");
        slashedWei += takenWei;
        bountiesWei += bountyWei;
    }

    function lock_(uint256 which, uint96 amountWei, uint256 time) external {
        vm.prank(SLASHER);
        try agentStaking.lock(pools[which % 2], uint128(bound(amountWei, 1, 1e22)), bound(time, 1, 30 days)) returns (
            uint64 lockId
        ) {
            lockIds.push(lockId);
        } catch (bytes memory reason) {
            equal(bytes32(bytes4(reason)), bytes32(IAgentStaking.StakingTooManyLocks.selector), "only too many");
        }
    }

    function unlock_(uint256 which, uint256 lockId) external {
        if (lockIds.length == 0) return;
        vm.prank(SLASHER);
        try agentStaking.unlock(pools[which % 2], lockIds[lockId % lockIds.length]) {} catch {}
    }

    function donate(uint96 amountWei) external {
        uint256 givenWei = bound(amountWei, 0, 1e20);
        token.transfer(address(agentStaking), givenWei);
        donatedWei += givenWei;
    }

    function wait_(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1 hours, 5 days));
    }

    // For the invariants

    function heldWei() external view returns (uint256) {
        return token.balanceOf(address(agentStaking));
    }

    function poolsWei() public view returns (uint256 sumWei) {
        for (uint256 i; i < 2; ++i) sumWei += agentStaking.slashableWei(pools[i]);
    }

    function earnedWei() public view returns (uint256) {
        return agentStaking.earned(operator);
    }

    function vaultWei() external view returns (uint256) {
        return vault.funded();
    }

    /// For each pool, sums of shares kept and shares held.
    function sharesOf(uint256 which) external view returns (uint256[2] memory kept, uint256[2] memory held) {
        bytes32 poolId = pools[which];
        IAgentStaking.Pool memory pool = agentStaking.poolOf(poolId);
        kept = [pool.activeShares, pool.thawingShares];
        for (uint256 i; i < 4; ++i) {
            (uint256 shares, ) = agentStaking.stakeOf(poolId, stakers[i]);
            held[0] += shares;
            IAgentStaking.Thaw[] memory thaws = agentStaking.thawsOf(poolId, stakers[i]);
            for (uint256 j; j < thaws.length; ++j) held[1] += thaws[j].shares;
        }
    }

    function worthOf(uint256 which) external view returns (uint256 worthWei, uint256 activeWei) {
        for (uint256 i; i < 4; ++i) worthWei += stakeOf(pools[which], stakers[i]);
        activeWei = agentStaking.activeWei(pools[which]);
    }

    function overdrawn() external view returns (bool) {
        for (uint256 i; i < 4; ++i) {
            if (outWei[stakers[i]] > inWei[stakers[i]] + rewardedWei) return true;
        }
        return false;
    }
}

contract AgentStakingInvariants is Invariants {
    StakingHandler internal handler;

    function setUp() public {
        handler = new StakingHandler();
        handler.start();
        bytes4[] memory selectors = new bytes4[](11);
        selectors[0] = StakingHandler.stake_.selector;
        selectors[1] = StakingHandler.thaw_.selector;
        selectors[2] = StakingHandler.withdraw_.selector;
        selectors[3] = StakingHandler.reward_.selector;
        selectors[4] = StakingHandler.setCommission.selector;
        selectors[5] = StakingHandler.takeCommission.selector;
        selectors[6] = StakingHandler.slash_.selector;
        selectors[7] = StakingHandler.lock_.selector;
        selectors[8] = StakingHandler.unlock_.selector;
        selectors[9] = StakingHandler.donate.selector;
        selectors[10] = StakingHandler.wait_.selector;
        target(address(handler), selectors);
    }

    function invariant_StakingHoldsItsPoolsItsCommissionsAndWhatWasDonated() public view {
        equal(handler.heldWei(), handler.poolsWei() + handler.earnedWei() + handler.donatedWei(), "held");
    }

    function invariant_WhatWasStakedAndRewardedIsInPoolsOrWentOut() public view {
        uint256 outWei = handler.withdrawnWei() + handler.commissionsWei() + handler.slashedWei();
        uint256 inWei = handler.stakedWei() + handler.rewardedWei();
        equal(inWei, handler.poolsWei() + handler.earnedWei() + outWei, "in and out");
    }

    function invariant_WhatWasSlashedIsBountyOrReward() public view {
        equal(handler.slashedWei(), handler.bountiesWei() + handler.vaultWei(), "slashed");
    }

    function invariant_NobodyWithdrawsMoreThanDepositsAndRewards() public view {
        require(!handler.overdrawn(), "a staker took more than it can have");
    }

    function invariant_SharesOfAPoolAreThoseItsStakersHold() public view {
        for (uint256 which; which < 2; ++which) {
            (uint256[2] memory kept, uint256[2] memory held) = handler.sharesOf(which);
            equal(kept[0], held[0], "active shares");
            equal(kept[1], held[1], "thawing shares");
        }
    }

    function invariant_SharesAreWorthNoMoreThanTheirPool() public view {
        for (uint256 which; which < 2; ++which) {
            (uint256 worthWei, uint256 activeWei) = handler.worthOf(which);
            require(worthWei <= activeWei, "shares promise more than there is");
        }
    }
}
