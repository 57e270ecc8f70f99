// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IAgentKeys} from "../agents/IAgentKeys.sol";
import {IModelOwners} from "../agents/IModelOwners.sol";
import {IStaking} from "../agents/IStaking.sol";
import {IGuarded} from "../governance/IGuarded.sol";
import {ITrainingJobs} from "../training/ITrainingJobs.sol";
import {IUpgradeable} from "./support/Economy.sol";
import {Jobs} from "./support/Jobs.sol";

interface IJobsParameters {
    function feePpm() external view returns (uint32);
    function bondPpm() external view returns (uint32);
    function arbiter() external view returns (address);
    function treasury() external view returns (address);
}

contract TrainingJobsTest is Jobs {
    function parameters() internal view returns (IJobsParameters) {
        return IJobsParameters(address(jobs));
    }

    function expectStatus(uint256 jobId, ITrainingJobs.Status status) internal view {
        equal(uint256(statusOf(jobId)), uint256(status), "status");
    }

    // Setting up

    function test_AMarketWithoutItsPartsIsRefused() public {
        for (uint256 missing; missing < 5; ++missing) {
            vm.expectRevert(ITrainingJobs.JobsZeroAddress.selector);
            this.deployWithout(missing);
        }
    }

    function deployWithout(uint256 missing) external {
        address[5] memory parts = [
            address(token),
            address(directory),
            address(directory),
            address(agentStaking),
            TREASURY
        ];
        parts[missing] = address(0);
        proxy(
            "TrainingJobs",
            abi.encodeCall(
                ITrainingJobs.initialize,
                (
                    GOVERNOR,
                    GUARDIAN,
                    IERC20(parts[0]),
                    IAgentKeys(parts[1]),
                    IModelOwners(parts[2]),
                    IStaking(parts[3]),
                    parts[4],
                    ARBITER
                )
            )
        );
    }

    function test_ItIsSetUpOnceAndUpgradedByGovernanceAlone() public {
        address code = deployed("TrainingJobs", "");
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        jobs.initialize(GOVERNOR, GUARDIAN, token, directory, directory, agentStaking, TREASURY, ARBITER);
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        ITrainingJobs(code).initialize(
            GOVERNOR,
            GUARDIAN,
            token,
            directory,
            directory,
            agentStaking,
            TREASURY,
            ARBITER
        );
        expectNotOwner(STRANGER);
        IUpgradeable(address(jobs)).upgradeToAndCall(code, "");
        equal(parameters().feePpm(), 25_000, "fee");
        equal(parameters().bondPpm(), 100_000, "bond");
        equal(parameters().arbiter(), ARBITER, "arbiter");
        equal(parameters().treasury(), TREASURY, "treasury");
        equal(IGuarded(address(jobs)).guardian(), GUARDIAN, "guardian");
    }

    // Requesting

    function test_ARequestPutsItsBudgetIntoEscrow() public {
        ITrainingJobs.Terms memory ordered = terms();
        vm.expectEmit(address(jobs));
        emit ITrainingJobs.JobRequested(1, address(this), MODEL, ordered);
        equal(jobs.request(ordered), 1, "first");
        equal(token.balanceOf(address(jobs)), BUDGET_WEI, "escrow");
        ITrainingJobs.Job memory job = jobs.jobOf(1);
        equal(job.requester, address(this), "requester");
        equal(job.budgetWei, BUDGET_WEI, "budget");
        equal(job.bondWei, BUDGET_WEI / 10, "bond");
        equal(job.feePpm, 25_000, "fee");
        equal(job.minStakeWei, 1e12, "stake");
        equal(job.penaltyWei, 1000, "penalty");
        equal(job.deadline, ordered.deadline, "deadline");
        equal(job.reviewTime, REVIEW, "review");
        equal(uint256(job.modelOwner), 1, "owner");
        expectStatus(1, ITrainingJobs.Status.Requested);
        equal(jobs.request(ordered), 2, "second");
        equal(jobs.jobCount(), 2, "count");
    }

    function refuses(ITrainingJobs.Terms memory ordered, bytes memory reason) internal {
        vm.expectRevert(reason);
        jobs.request(ordered);
    }

    function refusesTime(ITrainingJobs.Terms memory ordered, uint256 time, uint256 least, uint256 most) internal {
        refuses(ordered, abi.encodeWithSelector(ITrainingJobs.JobsTimeOutOfRange.selector, time, least, most));
    }

    function test_TermsThatCannotHoldAreRefused() public {
        ITrainingJobs.Terms memory ordered = terms();
        ordered.budgetWei = 0;
        refuses(ordered, abi.encodeWithSelector(ITrainingJobs.JobsZeroBudget.selector));
        ordered = terms();
        ordered.recipeDigest = 0;
        refuses(ordered, abi.encodeWithSelector(ITrainingJobs.JobsZeroDigest.selector));
        ordered = terms();
        ordered.penaltyWei = BUDGET_WEI + 1;
        refuses(ordered, abi.encodeWithSelector(ITrainingJobs.JobsPenaltyTooHigh.selector, BUDGET_WEI + 1, BUDGET_WEI));
        ordered = terms();
        ordered.baseModelId = "none";
        refuses(ordered, abi.encodeWithSelector(ITrainingJobs.JobsUnknownParent.selector, bytes32("none")));
        vm.prank(STRANGER);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(jobs), 0, BUDGET_WEI)
        );
        jobs.request(terms());
    }

    function test_TimesOutOfBoundsAreRefused() public {
        (uint256 least, uint256 most) = (block.timestamp + 1, block.timestamp + 365 days);
        ITrainingJobs.Terms memory ordered = terms();
        ordered.deadline = uint64(least - 1);
        refusesTime(ordered, least - 1, least, most);
        ordered.deadline = uint64(most + 1);
        refusesTime(ordered, most + 1, least, most);
        ordered.deadline = uint64(most);
        ordered.reviewTime = 1 hours - 1;
        refusesTime(ordered, 1 hours - 1, 1 hours, 30 days);
        ordered.reviewTime = 30 days + 1;
        refusesTime(ordered, 30 days + 1, 1 hours, 30 days);
        ordered.reviewTime = 30 days;
        ordered.penaltyWei = BUDGET_WEI;
        jobs.request(ordered);
        ordered.deadline = uint64(least);
        ordered.reviewTime = 1 hours;
        jobs.request(ordered);
    }

    function test_SourcesThatDoNotExistAscendOrLieInThePastAreRefused() public {
        ITrainingJobs.Terms memory ordered = terms();
        ordered.sources[1].datanetId = DATANET;
        refuses(ordered, abi.encodeWithSelector(ITrainingJobs.JobsSourceOrder.selector, DATANET));
        ordered = terms();
        bytes32 unknown = bytes32(uint256(DATANET) + 2);
        ordered.sources[1].datanetId = unknown;
        refuses(ordered, abi.encodeWithSelector(ITrainingJobs.JobsUnknownParent.selector, unknown));
        ordered = terms();
        uint64[2] memory blocks = [0, uint64(block.number)];
        for (uint256 i; i < 2; ++i) {
            ordered.sources[0].asOfBlock = blocks[i];
            refuses(
                ordered,
                abi.encodeWithSelector(ITrainingJobs.JobsSourceBlock.selector, DATANET, blocks[i], block.number)
            );
        }
        ordered.sources = new ITrainingJobs.Source[](33);
        refuses(ordered, abi.encodeWithSelector(ITrainingJobs.JobsTooMany.selector, 33, 32));
        ordered.sources = new ITrainingJobs.Source[](32);
        for (uint256 i; i < 32; ++i) {
            directory.setOwner(bytes32(i + 1), STRANGER);
            ordered.sources[i] = ITrainingJobs.Source(bytes32(i + 1), 1);
        }
        jobs.request(ordered);
        ordered.sources = new ITrainingJobs.Source[](0);
        jobs.request(ordered);
    }

    function test_APauseStopsRequestsAndAcceptancesAlone() public {
        uint256 open = requested();
        uint256 running = accepted();
        uint256 late = accepted();
        pauseAs(GUARDIAN, address(jobs));
        vm.expectRevert(IGuarded.GuardedPaused.selector);
        jobs.request(terms());
        vm.prank(operator);
        vm.expectRevert(IGuarded.GuardedPaused.selector);
        jobs.accept(open, AGENT_ID);
        jobs.cancel(open);
        vm.prank(operator);
        jobs.deliver(running, delivery());
        jobs.dispute(running, "reason");
        vm.prank(ARBITER);
        jobs.rule(running, 0);
        vm.warp(block.timestamp + 11 days);
        jobs.refund(late);
        equal(token.balanceOf(address(jobs)), 0, "all went home");
    }

    // Taking back

    function test_ARequesterTakesBackWhatNobodyAccepted() public {
        uint256 heldWei = token.balanceOf(address(this));
        uint256 jobId = requested();
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingJobs.JobsNotRequester.selector, jobId, STRANGER));
        jobs.cancel(jobId);
        vm.expectEmit(address(jobs));
        emit ITrainingJobs.JobCancelled(jobId, BUDGET_WEI);
        jobs.cancel(jobId);
        equal(token.balanceOf(address(this)), heldWei, "back");
        expectStatus(jobId, ITrainingJobs.Status.Cancelled);
        vm.expectRevert(wrongStatus(jobId));
        jobs.cancel(jobId);
        uint256 running = accepted();
        vm.expectRevert(wrongStatus(running));
        jobs.cancel(running);
        vm.expectRevert(wrongStatus(0));
        jobs.cancel(0);
    }

    // Accepting

    function test_AStakedAgentAccepts() public {
        uint256 jobId = requested();
        vm.warp(block.timestamp + 10 days);
        vm.expectEmit(address(jobs));
        emit ITrainingJobs.JobAccepted(jobId, AGENT_ID, operator);
        vm.prank(operator);
        jobs.accept(jobId, AGENT_ID);
        equal(jobs.jobOf(jobId).agentId, AGENT_ID, "agent");
        expectStatus(jobId, ITrainingJobs.Status.Accepted);
        vm.expectRevert(wrongStatus(jobId));
        vm.prank(operator);
        jobs.accept(jobId, AGENT_ID);
    }

    function test_WhoIsNoOperatorHasTooLittleStakeOrComesTooLateCannotAccept() public {
        uint256 jobId = requested();
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingJobs.JobsNotOperator.selector, AGENT_ID, STRANGER));
        jobs.accept(jobId, AGENT_ID);
        vm.prank(operator);
        agentStaking.thaw(AGENT, SHARES);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(ITrainingJobs.JobsStakeTooLow.selector, AGENT_ID, 1e12 - 1, 1e12));
        jobs.accept(jobId, AGENT_ID);
        uint256 deadline = block.timestamp + 10 days;
        vm.warp(deadline + 1);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(ITrainingJobs.JobsTooLate.selector, jobId, deadline));
        jobs.accept(jobId, AGENT_ID);
    }

    // Delivering

    function test_ATrainerDeliversToTheLastSecond() public {
        uint256 jobId = accepted();
        vm.warp(block.timestamp + 10 days);
        ITrainingJobs.Delivery memory made = delivery();
        vm.expectEmit(address(jobs));
        emit ITrainingJobs.JobDelivered(
            jobId,
            AGENT_ID,
            TRAINED,
            "evaluation",
            made.artefactDigests,
            block.timestamp + REVIEW
        );
        vm.prank(operator);
        jobs.deliver(jobId, made);
        equal(jobs.jobOf(jobId).modelId, TRAINED, "model");
        equal(jobs.jobOf(jobId).actedAt, block.timestamp, "delivered at");
        equal(jobs.jobOfModel(TRAINED), jobId, "whose model");
        expectStatus(jobId, ITrainingJobs.Status.Delivered);
    }

    function refusesDelivery(uint256 jobId, ITrainingJobs.Delivery memory made, bytes memory reason) internal {
        vm.prank(operator);
        vm.expectRevert(reason);
        jobs.deliver(jobId, made);
    }

    function test_ADeliveryByAnotherOrTooLateIsRefused() public {
        uint256 jobId = accepted();
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingJobs.JobsNotOperator.selector, AGENT_ID, STRANGER));
        jobs.deliver(jobId, delivery());
        uint256 deadline = block.timestamp + 10 days;
        vm.warp(deadline + 1);
        refusesDelivery(jobId, delivery(), abi.encodeWithSelector(ITrainingJobs.JobsTooLate.selector, jobId, deadline));
        uint256 open = requested();
        refusesDelivery(open, delivery(), wrongStatus(open));
    }

    function test_ADeliveryWithoutItsDigestsIsRefused() public {
        uint256 jobId = accepted();
        bytes memory zero = abi.encodeWithSelector(ITrainingJobs.JobsZeroDigest.selector);
        ITrainingJobs.Delivery memory made = delivery();
        made.evaluationDigest = 0;
        refusesDelivery(jobId, made, zero);
        made = delivery();
        made.artefactDigests[1] = 0;
        refusesDelivery(jobId, made, zero);
        made.artefactDigests = new bytes32[](0);
        refusesDelivery(jobId, made, zero);
        made.artefactDigests = new bytes32[](33);
        refusesDelivery(jobId, made, abi.encodeWithSelector(ITrainingJobs.JobsTooMany.selector, 33, 32));
        made.artefactDigests = new bytes32[](32);
        for (uint256 i; i < 32; ++i) made.artefactDigests[i] = "artefact";
        vm.prank(operator);
        jobs.deliver(jobId, made);
    }

    function test_AModelServesOneJobAndBelongsToWhomTheTermsSay() public {
        uint256 first = accepted();
        directory.setOwner(TRAINED, STRANGER);
        refusesDelivery(
            first,
            delivery(),
            abi.encodeWithSelector(ITrainingJobs.JobsModelOwner.selector, TRAINED, STRANGER, operator)
        );
        directory.setOwner(TRAINED, operator);
        vm.prank(operator);
        jobs.deliver(first, delivery());
        uint256 second = accepted();
        refusesDelivery(
            second,
            delivery(),
            abi.encodeWithSelector(ITrainingJobs.JobsModelUsed.selector, TRAINED, first)
        );
        ITrainingJobs.Terms memory ordered = terms();
        ordered.modelOwner = ITrainingJobs.ModelOwner.Requester;
        uint256 third = jobs.request(ordered);
        vm.prank(operator);
        jobs.accept(third, AGENT_ID);
        ITrainingJobs.Delivery memory made = delivery();
        made.modelId = "given";
        directory.setOwner("given", operator);
        refusesDelivery(
            third,
            made,
            abi.encodeWithSelector(ITrainingJobs.JobsModelOwner.selector, bytes32("given"), operator, address(this))
        );
        directory.setOwner("given", address(this));
        vm.prank(operator);
        jobs.deliver(third, made);
    }

    function test_AJobGoesWithItsAgent() public {
        uint256 jobId = accepted();
        address buyer = address(0xB1);
        directory.setOperator(AGENT_ID, buyer);
        refusesDelivery(
            jobId,
            delivery(),
            abi.encodeWithSelector(ITrainingJobs.JobsNotOperator.selector, AGENT_ID, operator)
        );
        directory.setOwner(TRAINED, buyer);
        vm.prank(buyer);
        jobs.deliver(jobId, delivery());
        jobs.finalise(jobId);
        equal(token.balanceOf(buyer), BUDGET_WEI - 25_000, "the buyer is paid");
    }

    // Paying

    function test_AnybodyFinalisesAfterTheReview() public {
        uint256 jobId = delivered();
        uint256 until = block.timestamp + REVIEW;
        uint256 heldWei = token.balanceOf(operator);
        vm.warp(until - 1);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingJobs.JobsTooEarly.selector, jobId, until));
        jobs.finalise(jobId);
        vm.warp(until);
        vm.expectEmit(address(jobs));
        emit ITrainingJobs.JobSettled(jobId, ITrainingJobs.Status.Paid, operator, BUDGET_WEI - 25_000, 25_000, 0);
        vm.prank(STRANGER);
        jobs.finalise(jobId);
        equal(token.balanceOf(operator) - heldWei, BUDGET_WEI - 25_000, "trainer");
        equal(token.balanceOf(TREASURY), 25_000, "fee, rounded down");
        equal(token.balanceOf(address(jobs)), 0, "escrow");
        expectStatus(jobId, ITrainingJobs.Status.Paid);
        vm.expectRevert(wrongStatus(jobId));
        jobs.finalise(jobId);
    }

    function test_TheRequesterFinalisesAtOnce() public {
        uint256 jobId = delivered();
        jobs.finalise(jobId);
        expectStatus(jobId, ITrainingJobs.Status.Paid);
    }

    function test_RatesAreThoseOfTheRequest() public {
        uint256 jobId = delivered();
        vm.prank(GOVERNOR);
        jobs.setFee(100_000);
        vm.prank(GOVERNOR);
        jobs.setDisputeBond(500_000);
        equal(jobs.jobOf(jobId).bondWei, 100_000, "bond");
        jobs.finalise(jobId);
        equal(token.balanceOf(TREASURY), 25_000, "fee");
    }

    // Missing the deadline

    function test_AMissedDeadlineRefundsAndSlashesWithoutBounty() public {
        uint256 heldWei = token.balanceOf(address(this));
        uint256 jobId = accepted();
        uint256 deadline = jobs.jobOf(jobId).deadline;
        vm.warp(deadline);
        vm.expectRevert(abi.encodeWithSelector(ITrainingJobs.JobsTooEarly.selector, jobId, deadline + 1));
        jobs.refund(jobId);
        vm.warp(deadline + 1);
        vm.expectEmit(address(jobs));
        emit ITrainingJobs.JobRefunded(jobId, BUDGET_WEI, 1000);
        vm.prank(STRANGER);
        jobs.refund(jobId);
        equal(token.balanceOf(address(this)), heldWei, "back");
        equal(agentStaking.activeWei(AGENT), 1e12 - 1000, "slashed");
        equal(vault.funded(), 1000, "all for rewards");
        expectStatus(jobId, ITrainingJobs.Status.Refunded);
        vm.expectRevert(wrongStatus(jobId));
        jobs.refund(jobId);
    }

    function test_ARefundGoesThroughEvenIfTheSlashDoesNot() public {
        uint256 jobId = accepted();
        setSlasher(address(jobs), false);
        vm.warp(jobs.jobOf(jobId).deadline + 1);
        vm.expectEmit(address(jobs));
        emit ITrainingJobs.JobRefunded(jobId, BUDGET_WEI, 0);
        jobs.refund(jobId);
        equal(token.balanceOf(address(jobs)), 0, "back");
    }

    function test_AJobWithoutAPenaltySlashesNothing() public {
        ITrainingJobs.Terms memory ordered = terms();
        ordered.penaltyWei = 0;
        uint256 jobId = jobs.request(ordered);
        vm.prank(operator);
        jobs.accept(jobId, AGENT_ID);
        vm.warp(ordered.deadline + 1);
        jobs.refund(jobId);
        equal(agentStaking.activeWei(AGENT), 1e12, "stake");
    }

    function test_WhatWasDeliveredIsNotRefunded() public {
        uint256 jobId = delivered();
        vm.warp(jobs.jobOf(jobId).deadline + 1);
        vm.expectRevert(wrongStatus(jobId));
        jobs.refund(jobId);
    }

    // Disputing

    function test_ARequesterDisputesWithinTheReview() public {
        uint256 jobId = delivered();
        uint256 until = block.timestamp + REVIEW;
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingJobs.JobsNotRequester.selector, jobId, STRANGER));
        jobs.dispute(jobId, "reason");
        vm.expectRevert(ITrainingJobs.JobsZeroDigest.selector);
        jobs.dispute(jobId, 0);
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(ITrainingJobs.JobsTooLate.selector, jobId, until));
        jobs.dispute(jobId, "reason");
        vm.warp(until - 1);
        vm.expectEmit(address(jobs));
        emit ITrainingJobs.JobDisputed(jobId, "reason", 100_000, block.timestamp + 14 days);
        jobs.dispute(jobId, "reason");
        equal(token.balanceOf(address(jobs)), BUDGET_WEI + 100_000, "budget and bond");
        expectStatus(jobId, ITrainingJobs.Status.Disputed);
        vm.expectRevert(wrongStatus(jobId));
        jobs.dispute(jobId, "again");
        vm.warp(until);
        vm.expectRevert(wrongStatus(jobId));
        jobs.finalise(jobId);
    }

    function test_ARulingDividesBudgetAndBond() public {
        uint256 jobId = disputed();
        uint256 heldWei = token.balanceOf(address(this));
        uint256 operatorWei = token.balanceOf(operator);
        // 333,333 ppm: 333,333 of the budget, of which 8,333 are the fee; 33,333 of the bond
        vm.expectEmit(address(jobs));
        emit ITrainingJobs.JobSettled(
            jobId,
            ITrainingJobs.Status.Divided,
            operator,
            325_000 + 33_333,
            8_333,
            666_668 + 66_667
        );
        vm.prank(ARBITER);
        jobs.rule(jobId, 333_333);
        equal(token.balanceOf(operator) - operatorWei, 358_333, "trainer");
        equal(token.balanceOf(TREASURY), 8_333, "fee");
        equal(token.balanceOf(address(this)) - heldWei, 733_335, "requester");
        equal(token.balanceOf(address(jobs)), 0, "escrow");
        expectStatus(jobId, ITrainingJobs.Status.Divided);
        vm.expectRevert(wrongStatus(jobId));
        vm.prank(ARBITER);
        jobs.rule(jobId, 0);
    }

    function test_GovernanceRulesToo() public {
        uint256 jobId = disputed();
        uint256 operatorWei = token.balanceOf(operator);
        vm.prank(GOVERNOR);
        jobs.rule(jobId, 1_000_000);
        equal(token.balanceOf(operator) - operatorWei, BUDGET_WEI - 25_000 + 100_000, "budget and bond");
    }

    function test_OthersDoNotRuleAndNobodyGivesMoreThanAll() public {
        uint256 jobId = disputed();
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingJobs.JobsNotArbiter.selector, STRANGER));
        jobs.rule(jobId, 0);
        vm.prank(ARBITER);
        vm.expectRevert(abi.encodeWithSelector(ITrainingJobs.JobsRateTooHigh.selector, 1_000_001, 1_000_000));
        jobs.rule(jobId, 1_000_001);
        uint256 open = requested();
        vm.expectRevert(wrongStatus(open));
        vm.prank(ARBITER);
        jobs.rule(open, 0);
    }

    function test_ASilentArbiterMeansADraw() public {
        uint256 jobId = disputed();
        uint256 until = block.timestamp + 14 days;
        uint256 heldWei = token.balanceOf(address(this));
        uint256 operatorWei = token.balanceOf(operator);
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(ITrainingJobs.JobsTooEarly.selector, jobId, until));
        jobs.draw(jobId);
        vm.warp(until);
        vm.expectEmit(address(jobs));
        emit ITrainingJobs.JobSettled(jobId, ITrainingJobs.Status.Drawn, operator, 487_500, 12_500, 500_001 + 100_000);
        vm.prank(STRANGER);
        jobs.draw(jobId);
        equal(token.balanceOf(operator) - operatorWei, 487_500, "half less the fee");
        equal(token.balanceOf(TREASURY), 12_500, "fee");
        equal(token.balanceOf(address(this)) - heldWei, 600_001, "half, the odd wei and the bond");
        equal(token.balanceOf(address(jobs)), 0, "escrow");
        expectStatus(jobId, ITrainingJobs.Status.Drawn);
        vm.expectRevert(wrongStatus(jobId));
        jobs.draw(jobId);
    }

    // Parameters

    function test_GovernanceSetsParametersWithinTheirCaps() public {
        vm.startPrank(GOVERNOR);
        vm.expectEmit(address(jobs));
        emit ITrainingJobs.FeeSet(100_000);
        jobs.setFee(100_000);
        vm.expectRevert(abi.encodeWithSelector(ITrainingJobs.JobsRateTooHigh.selector, 100_001, 100_000));
        jobs.setFee(100_001);
        vm.expectEmit(address(jobs));
        emit ITrainingJobs.DisputeBondSet(500_000);
        jobs.setDisputeBond(500_000);
        vm.expectRevert(abi.encodeWithSelector(ITrainingJobs.JobsRateTooHigh.selector, 500_001, 500_000));
        jobs.setDisputeBond(500_001);
        vm.expectEmit(address(jobs));
        emit ITrainingJobs.ArbiterSet(STRANGER);
        jobs.setArbiter(STRANGER);
        vm.expectEmit(address(jobs));
        emit ITrainingJobs.TreasurySet(STRANGER);
        jobs.setTreasury(STRANGER);
        vm.expectRevert(ITrainingJobs.JobsZeroAddress.selector);
        jobs.setTreasury(address(0));
        vm.stopPrank();
        equal(parameters().feePpm(), 100_000, "fee");
        equal(parameters().bondPpm(), 500_000, "bond");
        equal(parameters().arbiter(), STRANGER, "arbiter");
        equal(parameters().treasury(), STRANGER, "treasury");
    }

    function test_ParametersAreGovernancesAlone() public {
        expectNotOwner(ARBITER);
        jobs.setFee(0);
        expectNotOwner(ARBITER);
        jobs.setDisputeBond(0);
        expectNotOwner(ARBITER);
        jobs.setArbiter(ARBITER);
        expectNotOwner(ARBITER);
        jobs.setTreasury(ARBITER);
    }

    function testFuzz_EveryRulingConservesEveryWei(uint128 budgetWei, uint32 trainerPpm, uint32 feePpm) public {
        budgetWei = uint128(bound(budgetWei, 1, 1e26));
        trainerPpm = uint32(bound(trainerPpm, 0, 1_000_000));
        vm.prank(GOVERNOR);
        jobs.setFee(uint32(bound(feePpm, 0, 100_000)));
        uint256 beforeWei = token.balanceOf(address(this)) + token.balanceOf(operator) + token.balanceOf(TREASURY);
        ITrainingJobs.Terms memory ordered = terms();
        (ordered.budgetWei, ordered.penaltyWei) = (budgetWei, 0);
        uint256 jobId = jobs.request(ordered);
        vm.prank(operator);
        jobs.accept(jobId, AGENT_ID);
        vm.prank(operator);
        jobs.deliver(jobId, delivery());
        jobs.dispute(jobId, "reason");
        vm.prank(ARBITER);
        jobs.rule(jobId, trainerPpm);
        equal(token.balanceOf(address(jobs)), 0, "nothing stays");
        equal(
            token.balanceOf(address(this)) + token.balanceOf(operator) + token.balanceOf(TREASURY),
            beforeWei,
            "nothing is lost"
        );
    }
}
