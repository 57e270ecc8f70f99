// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITrainingJobs} from "../training/ITrainingJobs.sol";
import {Invariants} from "./support/Invariants.sol";
import {Jobs} from "./support/Jobs.sol";

/// Drives the market at random: two requesters, one agent, every way a job can end, rates that change meanwhile.
contract JobsHandler is Jobs {
    uint256 public inWei;
    uint256 public openWei;
    uint256 public donatedWei;
    address[2] internal requesters = [address(0xAA1), address(0xAA2)];

    function start() external {
        setUp();
        for (uint256 i; i < 2; ++i) {
            token.transfer(requesters[i], 1e26);
            vm.prank(requesters[i]);
            token.approve(address(jobs), type(uint256).max);
        }
    }

    function request(uint256 who, uint128 budgetWei, uint32 reviewTime, bool forRequester) external {
        ITrainingJobs.Terms memory ordered = terms();
        ordered.budgetWei = uint128(bound(budgetWei, 1, 1e22));
        ordered.penaltyWei = uint128(bound(budgetWei, 0, ordered.budgetWei));
        ordered.minStakeWei = 0;
        ordered.reviewTime = uint32(bound(reviewTime, 1 hours, 10 days));
        ordered.modelOwner = ITrainingJobs.ModelOwner(forRequester ? 0 : 1);
        vm.prank(requesters[who % 2]);
        jobs.request(ordered);
        inWei += ordered.budgetWei;
    }

    /// Takes the job that follows `which`, in a circle, that is in this state; 0 if none is.
    function pick(uint256 which, ITrainingJobs.Status status) internal view returns (uint256) {
        uint256 count = jobs.jobCount();
        for (uint256 i; i < count; ++i) {
            uint256 jobId = (((which % count) + i) % count) + 1;
            if (statusOf(jobId) == status) return jobId;
        }
        return 0;
    }

    function cancel(uint256 which) external {
        uint256 jobId = pick(which, ITrainingJobs.Status.Requested);
        if (jobId == 0) return;
        vm.prank(jobs.jobOf(jobId).requester);
        jobs.cancel(jobId);
    }

    function accept(uint256 which) external {
        uint256 jobId = pick(which, ITrainingJobs.Status.Requested);
        if (jobId == 0 || block.timestamp > jobs.jobOf(jobId).deadline) return;
        vm.prank(operator);
        jobs.accept(jobId, AGENT_ID);
    }

    function deliver(uint256 which) external {
        uint256 jobId = pick(which, ITrainingJobs.Status.Accepted);
        if (jobId == 0) return;
        ITrainingJobs.Job memory job = jobs.jobOf(jobId);
        if (block.timestamp > job.deadline) return;
        ITrainingJobs.Delivery memory made = delivery();
        made.modelId = keccak256(abi.encode(jobId));
        directory.setOwner(
            made.modelId,
            job.modelOwner == ITrainingJobs.ModelOwner.Requester ? job.requester : operator
        );
        vm.prank(operator);
        jobs.deliver(jobId, made);
    }

    function finalise(uint256 which, bool early) external {
        uint256 jobId = pick(which, ITrainingJobs.Status.Delivered);
        if (jobId == 0) return;
        if (early) vm.prank(jobs.jobOf(jobId).requester);
        try jobs.finalise(jobId) {} catch (bytes memory reason) {
            equal(bytes32(bytes4(reason)), bytes32(ITrainingJobs.JobsTooEarly.selector), "only too early");
        }
    }

    function refund(uint256 which) external {
        uint256 jobId = pick(which, ITrainingJobs.Status.Accepted);
        if (jobId == 0) return;
        try jobs.refund(jobId) {} catch (bytes memory reason) {
            equal(bytes32(bytes4(reason)), bytes32(ITrainingJobs.JobsTooEarly.selector), "only too early");
        }
    }

    function dispute(uint256 which) external {
        uint256 jobId = pick(which, ITrainingJobs.Status.Delivered);
        if (jobId == 0) return;
        ITrainingJobs.Job memory job = jobs.jobOf(jobId);
        vm.prank(job.requester);
        try jobs.dispute(jobId, "reason") {
            inWei += job.bondWei;
        } catch (bytes memory reason) {
            equal(bytes32(bytes4(reason)), bytes32(ITrainingJobs.JobsTooLate.selector), "only too late");
        }
    }

    function rule(uint256 which, uint32 trainerPpm) external {
        uint256 jobId = pick(which, ITrainingJobs.Status.Disputed);
        if (jobId == 0) return;
        vm.prank(ARBITER);
        jobs.rule(jobId, uint32(bound(trainerPpm, 0, 1_000_000)));
    }

    function draw(uint256 which) external {
        uint256 jobId = pick(which, ITrainingJobs.Status.Disputed);
        if (jobId == 0) return;
        try jobs.draw(jobId) {} catch (bytes memory reason) {
            equal(bytes32(bytes4(reason)), bytes32(ITrainingJobs.JobsTooEarly.selector), "only too early");
        }
    }

    function setRates(uint32 feePpm, uint32 bondPpm) external {
        vm.prank(GOVERNOR);
        jobs.setFee(uint32(bound(feePpm, 0, 100_000)));
        vm.prank(GOVERNOR);
        jobs.setDisputeBond(uint32(bound(bondPpm, 0, 500_000)));
    }

    function donate(uint96 amountWei) external {
        uint256 givenWei = bound(amountWei, 0, 1e20);
        token.transfer(address(jobs), givenWei);
        donatedWei += givenWei;
    }

    function wait_(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1 hours, 8 days));
    }

    /// Ends whatever runs, without the arbiter, and says what is left.
    function end() external returns (uint256 leftWei) {
        vm.warp(block.timestamp + 400 days);
        uint256 count = jobs.jobCount();
        for (uint256 jobId = 1; jobId <= count; ++jobId) {
            ITrainingJobs.Status status = statusOf(jobId);
            if (status == ITrainingJobs.Status.Accepted) jobs.refund(jobId);
            if (status == ITrainingJobs.Status.Delivered) jobs.finalise(jobId);
            if (status == ITrainingJobs.Status.Disputed) jobs.draw(jobId);
            if (status != ITrainingJobs.Status.Requested) continue;
            vm.prank(jobs.jobOf(jobId).requester);
            jobs.cancel(jobId);
        }
        return token.balanceOf(address(jobs)) - donatedWei;
    }

    // For the invariants

    function heldWei() external view returns (uint256) {
        return token.balanceOf(address(jobs)) - donatedWei;
    }

    function owedWei() external view returns (uint256 sumWei) {
        uint256 count = jobs.jobCount();
        for (uint256 jobId = 1; jobId <= count; ++jobId) {
            ITrainingJobs.Job memory job = jobs.jobOf(jobId);
            bool open =
                job.status == ITrainingJobs.Status.Requested ||
                    job.status == ITrainingJobs.Status.Accepted ||
                    job.status == ITrainingJobs.Status.Delivered ||
                    job.status == ITrainingJobs.Status.Disputed;
            if (open) sumWei += job.budgetWei;
            if (job.status == ITrainingJobs.Status.Disputed) sumWei += job.bondWei;
        }
    }

    /// What the requesters lack, less what they could have paid to whom: all that went in is held or was paid out.
    function spreadWei() external view returns (uint256 sumWei) {
        for (uint256 i; i < 2; ++i) sumWei += token.balanceOf(requesters[i]);
        sumWei += token.balanceOf(TREASURY) + token.balanceOf(operator) + token.balanceOf(address(jobs)) - donatedWei;
    }
}

contract TrainingJobsInvariants is Invariants {
    JobsHandler internal handler;
    uint256 internal startWei;

    function setUp() public {
        handler = new JobsHandler();
        handler.start();
        startWei = handler.spreadWei();
        bytes4[] memory selectors = new bytes4[](12);
        selectors[0] = JobsHandler.request.selector;
        selectors[1] = JobsHandler.cancel.selector;
        selectors[2] = JobsHandler.accept.selector;
        selectors[3] = JobsHandler.deliver.selector;
        selectors[4] = JobsHandler.finalise.selector;
        selectors[5] = JobsHandler.refund.selector;
        selectors[6] = JobsHandler.dispute.selector;
        selectors[7] = JobsHandler.rule.selector;
        selectors[8] = JobsHandler.draw.selector;
        selectors[9] = JobsHandler.setRates.selector;
        selectors[10] = JobsHandler.donate.selector;
        selectors[11] = JobsHandler.wait_.selector;
        target(address(handler), selectors);
    }

    function invariant_TheMarketHoldsExactlyOpenBudgetsAndBonds() public view {
        equal(handler.heldWei(), handler.owedWei(), "held");
    }

    function invariant_EveryWeiIsTheRequestersTheTrainersOrTheTreasurys() public view {
        equal(handler.spreadWei(), startWei, "spread");
    }

    /// Run at the end of each sequence.
    function afterInvariant() public {
        equal(handler.end(), 0, "stuck in the market");
    }
}
