// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgentStaking} from "../agents/IAgentStaking.sol";
import {IDisputes} from "../agents/IDisputes.sol";
import {Challenges} from "./support/Challenges.sol";
import {Invariants} from "./support/Invariants.sol";

/// Drives disputes at random: two pools, two challengers, every way a dispute can end, stakers who try to leave.
contract DisputesHandler is Challenges {
    uint256 public donatedWei;
    address[2] internal challengers = [CHALLENGER, STRANGER];

    function start() external {
        setUp();
        for (uint256 i; i < 2; ++i) {
            token.transfer(challengers[i], 1e25);
            vm.prank(challengers[i]);
            token.approve(address(disputes), type(uint256).max);
        }
    }

    function open(uint256 who, bool ofModel, uint256 slashWei) external {
        bytes32 poolId = ofModel ? MODEL : AGENT;
        vm.prank(challengers[who % 2]);
        try disputes.open(poolId, "claim", bound(slashWei, 1, 1e4)) {} catch (bytes memory reason) {
            bool known =
                bytes4(reason) == IDisputes.DisputesNothingAtStake.selector ||
                    bytes4(reason) == IAgentStaking.StakingTooManyLocks.selector;
            require(known, "only nothing at stake or too many locks");
        }
    }

    /// Takes the dispute that follows `which`, in a circle, that runs; 0 if none does.
    function pick(uint256 which) internal view returns (uint256) {
        uint256 count = disputes.disputeCount();
        for (uint256 i; i < count; ++i) {
            uint256 disputeId = (((which % count) + i) % count) + 1;
            if (runs(disputeId)) return disputeId;
        }
        return 0;
    }

    function runs(uint256 disputeId) internal view returns (bool) {
        IDisputes.Status status = statusOf(disputeId);
        return status == IDisputes.Status.Open || status == IDisputes.Status.Answered;
    }

    function answer(uint256 which) external {
        uint256 disputeId = pick(which);
        if (disputeId == 0) return;
        vm.prank(operator);
        try disputes.answer(disputeId, "answer") {} catch {}
    }

    function rule(uint256 which, bool upheld, uint256 slashWei) external {
        uint256 disputeId = pick(which);
        if (disputeId == 0) return;
        IDisputes.Dispute memory dispute = disputes.disputeOf(disputeId);
        bool early = dispute.status == IDisputes.Status.Open && block.timestamp < dispute.answerUntil;
        if (early || block.timestamp >= dispute.rulingUntil) return;
        uint256 beforeWei = token.balanceOf(dispute.challenger);
        uint256 stakeWei = agentStaking.slashableWei(dispute.poolId);
        vm.prank(ARBITER);
        if (!upheld) {
            disputes.dismiss(disputeId, "reason");
            return;
        }
        disputes.uphold(disputeId, bound(slashWei, 0, dispute.atStakeWei), "reason");
        uint256 bountyWei = token.balanceOf(dispute.challenger) - beforeWei - dispute.bondWei;
        require(2 * bountyWei <= stakeWei - agentStaking.slashableWei(dispute.poolId), "more bounty than half");
    }

    function draw(uint256 which) external {
        uint256 disputeId = pick(which);
        if (disputeId == 0) return;
        try disputes.draw(disputeId) {} catch (bytes memory reason) {
            equal(bytes32(bytes4(reason)), bytes32(IDisputes.DisputesTooEarly.selector), "only too early");
        }
    }

    function setBond(uint128 bondWei) external {
        vm.prank(GOVERNOR);
        disputes.setBond(uint128(bound(bondWei, 1e18, 1e20)));
    }

    function stake_(bool ofModel, bool ofOperator, uint128 amountWei) external {
        stake(ofModel ? MODEL : AGENT, ofOperator ? operator : delegator, uint128(bound(amountWei, 1, 1e4)));
    }

    function depart(bool ofModel, bool ofOperator, uint256 shares) external {
        bytes32 poolId = ofModel ? MODEL : AGENT;
        address staker = ofOperator ? operator : delegator;
        (uint256 heldShares, ) = agentStaking.stakeOf(poolId, staker);
        vm.prank(staker);
        try agentStaking.thaw(poolId, bound(shares, 0, heldShares)) {} catch {}
        vm.prank(staker);
        try agentStaking.withdraw(poolId, staker) returns (uint256 amountWei) {
            require(
                amountWei == 0 || agentStaking.slashableWei(poolId) >= agentStaking.lockedWei(poolId),
                "locked stake left"
            );
        } catch {}
    }

    function donate(uint96 amountWei) external {
        uint256 givenWei = bound(amountWei, 0, 1e20);
        token.transfer(address(disputes), givenWei);
        donatedWei += givenWei;
    }

    function wait_(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1 hours, 8 days));
    }

    /// Ends whatever runs, without the council, and says what is left.
    function end() external returns (uint256 leftWei) {
        vm.warp(block.timestamp + 21 days);
        uint256 count = disputes.disputeCount();
        for (uint256 disputeId = 1; disputeId <= count; ++disputeId) {
            if (runs(disputeId)) disputes.draw(disputeId);
        }
        require(agentStaking.lockedWei(AGENT) + agentStaking.lockedWei(MODEL) == 0, "a lock outlived its time");
        return token.balanceOf(address(disputes)) - donatedWei;
    }

    // For the invariants

    function heldWei() external view returns (uint256) {
        return token.balanceOf(address(disputes)) - donatedWei;
    }

    function openBondsWei() public view returns (uint256 sumWei) {
        uint256 count = disputes.disputeCount();
        for (uint256 disputeId = 1; disputeId <= count; ++disputeId) {
            if (runs(disputeId)) sumWei += disputes.disputeOf(disputeId).bondWei;
        }
    }
}

contract DisputesInvariants is Invariants {
    DisputesHandler internal handler;

    function setUp() public {
        handler = new DisputesHandler();
        handler.start();
        bytes4[] memory selectors = new bytes4[](9);
        selectors[0] = DisputesHandler.open.selector;
        selectors[1] = DisputesHandler.answer.selector;
        selectors[2] = DisputesHandler.rule.selector;
        selectors[3] = DisputesHandler.draw.selector;
        selectors[4] = DisputesHandler.setBond.selector;
        selectors[5] = DisputesHandler.stake_.selector;
        selectors[6] = DisputesHandler.depart.selector;
        selectors[7] = DisputesHandler.donate.selector;
        selectors[8] = DisputesHandler.wait_.selector;
        target(address(handler), selectors);
    }

    function invariant_DisputesHoldExactlyOpenBonds() public view {
        equal(handler.heldWei(), handler.openBondsWei(), "held");
    }

    /// Run at the end of each sequence.
    function afterInvariant() public {
        equal(handler.end(), 0, "stuck in disputes");
    }
}
