// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IAgentKeys} from "../agents/IAgentKeys.sol";
import {IAgentStaking} from "../agents/IAgentStaking.sol";
import {IDisputes} from "../agents/IDisputes.sol";
import {IModelOwners} from "../agents/IModelOwners.sol";
import {IGuarded} from "../governance/IGuarded.sol";
import {IRewardSink} from "../rewards/IRewardSink.sol";
import {Challenges} from "./support/Challenges.sol";
import {IUpgradeable} from "./support/Economy.sol";

interface IDisputesParameters {
    function bondWei() external view returns (uint128);
    function answerTime() external view returns (uint64);
    function arbiter() external view returns (address);
}

contract DisputesTest is Challenges {
    function parameters() internal view returns (IDisputesParameters) {
        return IDisputesParameters(address(disputes));
    }

    function expectStatus(uint256 disputeId, IDisputes.Status status) internal view {
        equal(uint256(statusOf(disputeId)), uint256(status), "status");
    }

    function expectWrongStatus(uint256 disputeId) internal {
        IDisputes.Status status = statusOf(disputeId);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.DisputesWrongStatus.selector, disputeId, status));
    }

    // Setting up

    function test_DisputesWithoutTheirPartsAreRefused() public {
        for (uint256 missing; missing < 5; ++missing) {
            vm.expectRevert(IDisputes.DisputesZeroAddress.selector);
            this.deployWithout(missing);
        }
    }

    function deployWithout(uint256 missing) external {
        address[5] memory parts = [
            address(token),
            address(agentStaking),
            address(directory),
            address(directory),
            address(vault)
        ];
        parts[missing] = address(0);
        proxy(
            "Disputes",
            abi.encodeCall(
                IDisputes.initialize,
                (
                    GOVERNOR,
                    GUARDIAN,
                    IERC20(parts[0]),
                    IAgentStaking(parts[1]),
                    IAgentKeys(parts[2]),
                    IModelOwners(parts[3]),
                    IRewardSink(parts[4]),
                    DISPUTE_BOND_WEI,
                    ARBITER
                )
            )
        );
    }

    function deployWithBond(uint128 bondWei) external {
        proxy("Disputes", initialDisputes(bondWei));
    }

    function test_ItIsSetUpOnceAndUpgradedByGovernanceAlone() public {
        IRewardSink sink = IRewardSink(address(vault));
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        disputes.initialize(GOVERNOR, GUARDIAN, token, agentStaking, directory, directory, sink, 1e18, ARBITER);
        address code = deployed("Disputes", "");
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        IDisputes(code).initialize(GOVERNOR, GUARDIAN, token, agentStaking, directory, directory, sink, 1e18, ARBITER);
        expectNotOwner(STRANGER);
        IUpgradeable(address(disputes)).upgradeToAndCall(code, "");
        vm.expectRevert(
            abi.encodeWithSelector(IDisputes.DisputesBondOutOfRange.selector, 1e18 - 1, 1e18, 1_000_000e18)
        );
        this.deployWithBond(1e18 - 1);
        equal(parameters().bondWei(), DISPUTE_BOND_WEI, "bond");
        equal(parameters().answerTime(), ANSWER_TIME, "answer time");
        equal(parameters().arbiter(), ARBITER, "arbiter");
        equal(IGuarded(address(disputes)).guardian(), GUARDIAN, "guardian");
    }

    // Opening

    function test_AChallengerOpensADisputeWithABond() public {
        uint256 answerUntil = block.timestamp + ANSWER_TIME;
        vm.expectEmit(address(disputes));
        emit IDisputes.DisputeOpened(
            1,
            AGENT,
            CHALLENGER,
            "claim",
            201,
            DISPUTE_BOND_WEI,
            answerUntil,
            answerUntil + RULING_TIME
        );
        equal(opened(AGENT, 201), 1, "first");
        equal(token.balanceOf(address(disputes)), DISPUTE_BOND_WEI, "bond");
        IDisputes.Dispute memory dispute = disputes.disputeOf(1);
        equal(dispute.challenger, CHALLENGER, "challenger");
        equal(dispute.poolId, AGENT, "pool");
        equal(dispute.bondWei, DISPUTE_BOND_WEI, "bond");
        equal(dispute.atStakeWei, 201, "at stake");
        equal(dispute.answerUntil, answerUntil, "answer");
        equal(dispute.rulingUntil, answerUntil + RULING_TIME, "ruling");
        expectStatus(1, IDisputes.Status.Open);
        equal(opened(MODEL, 1), 2, "second");
        equal(disputes.disputeCount(), 2, "count");
    }

    function test_AtStakeIsWhatTheCapsAllowAndAsMuchIsLockedAsTheyAskFor() public {
        uint256 capped = opened(AGENT, 301);
        equal(disputes.disputeOf(capped).atStakeWei, 300, "three tenths");
        equal(agentStaking.lockedWei(AGENT), 1000, "the whole pool must stay for it");
        uint256 small = opened(MODEL, 100);
        equal(disputes.disputeOf(small).atStakeWei, 100, "as asked for");
        equal(agentStaking.lockedWei(MODEL), 334, "ten thirds of it, rounded up");
    }

    function test_ADisputeAboutNothingIsRefused() public {
        vm.startPrank(CHALLENGER);
        vm.expectRevert(IDisputes.DisputesZeroDigest.selector);
        disputes.open(AGENT, 0, 1);
        vm.expectRevert(IDisputes.DisputesZeroAmount.selector);
        disputes.open(AGENT, "claim", 0);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.DisputesNothingAtStake.selector, bytes32("none")));
        disputes.open("none", "claim", 1);
        vm.stopPrank();
        vm.prank(STRANGER);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector,
                address(disputes),
                0,
                DISPUTE_BOND_WEI
            )
        );
        disputes.open(AGENT, "claim", 1);
    }

    function test_APauseStopsNewDisputesAlone() public {
        uint256 one = opened(AGENT, 100);
        uint256 two = opened(AGENT, 100);
        pauseAs(GUARDIAN, address(disputes));
        vm.prank(CHALLENGER);
        vm.expectRevert(IGuarded.GuardedPaused.selector);
        disputes.open(AGENT, "claim", 1);
        answered(one);
        vm.prank(ARBITER);
        disputes.uphold(one, 1, "reason");
        vm.warp(block.timestamp + ANSWER_TIME + RULING_TIME);
        disputes.draw(two);
        equal(token.balanceOf(address(disputes)), 0, "bonds went home");
    }

    // Answering

    function test_TheAccusedAnswersOnceInTime() public {
        uint256 disputeId = opened(AGENT, 100);
        uint256 until = block.timestamp + ANSWER_TIME;
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.DisputesNotAccused.selector, disputeId, STRANGER));
        disputes.answer(disputeId, "answer");
        vm.prank(operator);
        vm.expectRevert(IDisputes.DisputesZeroDigest.selector);
        disputes.answer(disputeId, 0);
        vm.warp(until);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.DisputesTooLate.selector, disputeId, until));
        disputes.answer(disputeId, "answer");
        vm.warp(until - 1);
        vm.expectEmit(address(disputes));
        emit IDisputes.DisputeAnswered(disputeId, operator, "answer");
        answered(disputeId);
        expectStatus(disputeId, IDisputes.Status.Answered);
        expectWrongStatus(disputeId);
        vm.prank(operator);
        disputes.answer(disputeId, "again");
    }

    function test_AModelsOwnerAnswersForIt() public {
        uint256 disputeId = opened(MODEL, 100);
        vm.expectEmit(address(disputes));
        emit IDisputes.DisputeAnswered(disputeId, STRANGER, "answer");
        vm.prank(STRANGER);
        disputes.answer(disputeId, "answer");
    }

    // Ruling

    function test_AChallengerWhoWasRightGetsBondAndBounty() public {
        uint256 disputeId = answered(opened(AGENT, 201));
        uint256 heldWei = token.balanceOf(CHALLENGER);
        vm.expectEmit(address(disputes));
        emit IDisputes.DisputeUpheld(disputeId, AGENT, 201, "reason");
        vm.prank(ARBITER);
        disputes.uphold(disputeId, 201, "reason");
        equal(token.balanceOf(CHALLENGER) - heldWei, DISPUTE_BOND_WEI + 100, "bond, and half of the slash");
        equal(vault.funded(), 101, "rewards");
        equal(agentStaking.slashableWei(AGENT), 799, "slashed");
        equal(agentStaking.lockedWei(AGENT), 0, "unlocked");
        equal(token.balanceOf(address(disputes)), 0, "nothing stays");
        expectStatus(disputeId, IDisputes.Status.Upheld);
        expectWrongStatus(disputeId);
        vm.prank(ARBITER);
        disputes.uphold(disputeId, 1, "reason");
    }

    function test_GovernanceRulesToo() public {
        uint256 one = answered(opened(AGENT, 100));
        uint256 two = answered(opened(AGENT, 100));
        vm.prank(GOVERNOR);
        disputes.uphold(one, 0, "reason");
        equal(agentStaking.slashableWei(AGENT), 1000, "a ruling may leave it at the bond");
        vm.prank(GOVERNOR);
        disputes.dismiss(two, "reason");
        equal(token.balanceOf(address(disputes)), 0, "nothing stays");
    }

    function test_AChallengerWhoWasWrongPaysAccusedAndRewards() public {
        uint256 disputeId = answered(opened(AGENT, 201));
        uint256 heldWei = token.balanceOf(operator);
        vm.expectEmit(address(disputes));
        emit IDisputes.DisputeDismissed(disputeId, AGENT, operator, 5e17, 5e17 + 1, "reason");
        vm.prank(ARBITER);
        disputes.dismiss(disputeId, "reason");
        equal(token.balanceOf(operator) - heldWei, 5e17, "half, rounded down");
        equal(vault.funded(), 5e17 + 1, "rewards");
        equal(agentStaking.slashableWei(AGENT), 1000, "stake");
        equal(agentStaking.lockedWei(AGENT), 0, "unlocked");
        expectStatus(disputeId, IDisputes.Status.Dismissed);
        expectWrongStatus(disputeId);
        vm.prank(ARBITER);
        disputes.dismiss(disputeId, "reason");
        uint256 ofModel = opened(MODEL, 1);
        vm.warp(block.timestamp + ANSWER_TIME);
        vm.prank(ARBITER);
        disputes.dismiss(ofModel, "reason");
        equal(token.balanceOf(STRANGER), 5e17, "a model's owner gets its half");
    }

    function test_OthersDoNotRule() public {
        uint256 disputeId = answered(opened(AGENT, 201));
        bytes memory refusal = abi.encodeWithSelector(IDisputes.DisputesNotArbiter.selector, CHALLENGER);
        vm.startPrank(CHALLENGER);
        vm.expectRevert(refusal);
        disputes.uphold(disputeId, 1, "reason");
        vm.expectRevert(refusal);
        disputes.dismiss(disputeId, "reason");
        vm.stopPrank();
        vm.prank(ARBITER);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.DisputesSlashTooHigh.selector, 202, 201));
        disputes.uphold(disputeId, 202, "reason");
    }

    function test_ARulingWaitsForTheAnswerAndComesInTime() public {
        uint256 disputeId = opened(AGENT, 201);
        uint256 answerUntil = block.timestamp + ANSWER_TIME;
        vm.warp(answerUntil - 1);
        bytes memory early = abi.encodeWithSelector(IDisputes.DisputesTooEarly.selector, disputeId, answerUntil);
        vm.startPrank(ARBITER);
        vm.expectRevert(early);
        disputes.uphold(disputeId, 1, "reason");
        vm.expectRevert(early);
        disputes.dismiss(disputeId, "reason");
        uint256 rulingUntil = answerUntil + RULING_TIME;
        vm.warp(rulingUntil);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.DisputesTooLate.selector, disputeId, rulingUntil));
        disputes.uphold(disputeId, 1, "reason");
        vm.warp(rulingUntil - 1);
        disputes.uphold(disputeId, 1, "reason");
        vm.stopPrank();
    }

    function test_ASilentCouncilMeansADraw() public {
        uint256 disputeId = answered(opened(AGENT, 201));
        uint256 until = block.timestamp + ANSWER_TIME + RULING_TIME;
        uint256 heldWei = token.balanceOf(CHALLENGER);
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.DisputesTooEarly.selector, disputeId, until));
        disputes.draw(disputeId);
        equal(agentStaking.lockedWei(AGENT), 670, "locked to the end");
        vm.warp(until);
        equal(agentStaking.lockedWei(AGENT), 0, "and not longer");
        vm.expectEmit(address(disputes));
        emit IDisputes.DisputeDrawn(disputeId, AGENT);
        vm.prank(STRANGER);
        disputes.draw(disputeId);
        equal(token.balanceOf(CHALLENGER) - heldWei, DISPUTE_BOND_WEI, "the bond whole");
        equal(agentStaking.slashableWei(AGENT), 1000, "the stake whole");
        expectStatus(disputeId, IDisputes.Status.Drawn);
        expectWrongStatus(disputeId);
        disputes.draw(disputeId);
    }

    function test_AnUnansweredDisputeIsDrawnToo() public {
        uint256 disputeId = opened(AGENT, 201);
        vm.warp(block.timestamp + ANSWER_TIME + RULING_TIME);
        disputes.draw(disputeId);
        expectWrongStatus(0);
        disputes.draw(0);
    }

    function test_TheAccusedCannotLeaveWhileADisputeRuns() public {
        uint256 disputeId = opened(AGENT, 300);
        thawAll(AGENT, operator);
        thawAll(AGENT, delegator);
        vm.warp(block.timestamp + STAKE_THAW);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingLocked.selector, AGENT, 1000, 1000));
        agentStaking.withdraw(AGENT, operator);
        vm.prank(ARBITER);
        disputes.uphold(disputeId, 300, "reason");
        equal(withdraw(AGENT, operator), 420, "what the slash left of 600");
        equal(withdraw(AGENT, delegator), 280, "and of 400");
    }

    function test_ARulingThatStakingRefusesLeavesADraw() public {
        uint256 disputeId = answered(opened(AGENT, 201));
        setSlasher(address(disputes), false);
        vm.prank(ARBITER);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingNotSlasher.selector, address(disputes)));
        disputes.uphold(disputeId, 1, "reason");
        vm.warp(block.timestamp + ANSWER_TIME + RULING_TIME);
        disputes.draw(disputeId);
        equal(token.balanceOf(address(disputes)), 0, "nothing is stuck");
    }

    function test_ABondIsThatOfItsDay() public {
        uint256 disputeId = answered(opened(AGENT, 201));
        vm.prank(GOVERNOR);
        disputes.setBond(5e18);
        vm.prank(ARBITER);
        disputes.uphold(disputeId, 0, "reason");
        equal(token.balanceOf(address(disputes)), 0, "bond");
    }

    // Parameters

    function test_GovernanceSetsParametersWithinTheirBounds() public {
        vm.startPrank(GOVERNOR);
        vm.expectEmit(address(disputes));
        emit IDisputes.BondSet(1_000_000e18);
        disputes.setBond(1_000_000e18);
        disputes.setBond(1e18);
        equal(parameters().bondWei(), 1e18, "bond");
        vm.expectEmit(address(disputes));
        emit IDisputes.AnswerTimeSet(7 days);
        disputes.setAnswerTime(7 days);
        disputes.setAnswerTime(1 days);
        equal(parameters().answerTime(), 1 days, "answer time");
        vm.expectEmit(address(disputes));
        emit IDisputes.ArbiterSet(STRANGER);
        disputes.setArbiter(STRANGER);
        equal(parameters().arbiter(), STRANGER, "arbiter");
        uint128[2] memory bonds = [uint128(1e18 - 1), 1_000_000e18 + 1];
        uint256[2] memory times = [uint256(1 days - 1), 7 days + 1];
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IDisputes.DisputesBondOutOfRange.selector, bonds[i], 1e18, 1_000_000e18)
            );
            disputes.setBond(bonds[i]);
            vm.expectRevert(
                abi.encodeWithSelector(IDisputes.DisputesTimeOutOfRange.selector, times[i], 1 days, 7 days)
            );
            disputes.setAnswerTime(times[i]);
        }
        vm.stopPrank();
    }

    function test_ParametersAreGovernancesAlone() public {
        expectNotOwner(ARBITER);
        disputes.setBond(1e18);
        expectNotOwner(ARBITER);
        disputes.setAnswerTime(1 days);
        expectNotOwner(ARBITER);
        disputes.setArbiter(ARBITER);
    }
}
