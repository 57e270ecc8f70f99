// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITrainingJobs} from "../../training/ITrainingJobs.sol";
import {Agents} from "./Agents.sol";

/// Training jobs on a staked agent, a base and two Datanets.
abstract contract Jobs is Agents {
    address internal constant ARBITER = address(0xA4B);
    bytes32 internal constant DATANET = bytes32(uint256(1) << 100);
    bytes32 internal constant TRAINED = keccak256("trained");
    uint128 internal constant BUDGET_WEI = 1_000_001; // so that everything rounds
    uint32 internal constant REVIEW = 2 days;

    ITrainingJobs internal jobs;

    function setUp() public virtual override {
        super.setUp();
        jobs = ITrainingJobs(
            proxy(
                "TrainingJobs",
                abi.encodeCall(
                    ITrainingJobs.initialize,
                    (GOVERNOR, GUARDIAN, token, directory, directory, agentStaking, TREASURY, ARBITER)
                )
            )
        );
        setSlasher(address(jobs), true);
        directory.setOwner(DATANET, STRANGER);
        directory.setOwner(bytes32(uint256(DATANET) + 1), STRANGER);
        directory.setOwner(TRAINED, operator);
        token.approve(address(jobs), type(uint256).max);
        stake(AGENT, operator, 1e12);
    }

    /// What this contract orders.
    function terms() internal view returns (ITrainingJobs.Terms memory) {
        ITrainingJobs.Source[] memory sources = new ITrainingJobs.Source[](2);
        sources[0] = ITrainingJobs.Source(DATANET, uint64(block.number - 1));
        sources[1] = ITrainingJobs.Source(bytes32(uint256(DATANET) + 1), 1);
        return
            ITrainingJobs.Terms({
                baseModelId: MODEL,
                sources: sources,
                recipeDigest: "recipe",
                budgetWei: BUDGET_WEI,
                minStakeWei: 1e12,
                penaltyWei: 1000,
                deadline: uint64(block.timestamp + 10 days),
                reviewTime: REVIEW,
                modelOwner: ITrainingJobs.ModelOwner.Trainer
            });
    }

    function delivery() internal pure returns (ITrainingJobs.Delivery memory) {
        bytes32[] memory artefacts = new bytes32[](2);
        (artefacts[0], artefacts[1]) = ("weights", "card");
        return ITrainingJobs.Delivery(TRAINED, "evaluation", artefacts);
    }

    function requested() internal returns (uint256) {
        return jobs.request(terms());
    }

    function accepted() internal returns (uint256 jobId) {
        jobId = requested();
        vm.prank(operator);
        jobs.accept(jobId, AGENT_ID);
    }

    function delivered() internal returns (uint256 jobId) {
        jobId = accepted();
        vm.prank(operator);
        jobs.deliver(jobId, delivery());
    }

    function disputed() internal returns (uint256 jobId) {
        jobId = delivered();
        jobs.dispute(jobId, "reason");
    }

    function statusOf(uint256 jobId) internal view returns (ITrainingJobs.Status) {
        return jobs.jobOf(jobId).status;
    }

    function wrongStatus(uint256 jobId) internal view returns (bytes memory) {
        return abi.encodeWithSelector(ITrainingJobs.JobsWrongStatus.selector, jobId, statusOf(jobId));
    }
}
