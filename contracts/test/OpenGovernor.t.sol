// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {IOpenGovernor} from "../governance/IOpenGovernor.sol";
import {IUpgradeable} from "./support/Economy.sol";
import {Governing, IFullGovernor, IFullTimelock} from "./support/Governing.sol";

interface IOwned {
    function owner() external view returns (address);
}

/// An emission to upgrade to.
contract NextEmission {
    function proxiableUUID() external pure returns (bytes32) {
        return 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc; // EIP-1967
    }

    function isNext() external pure returns (bool) {
        return true;
    }
}

contract OpenGovernorTest is Governing {
    function unexpected(
        Proposal memory p,
        IGovernor.ProposalState state,
        bytes32 expected
    ) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IGovernor.GovernorUnexpectedProposalState.selector, p.id, state, expected);
    }

    function unable(Proposal memory p, address sender) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, p.id, sender);
    }

    function outOfBounds(uint256 value, uint256 least, uint256 most) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IOpenGovernor.OpenGovernorOutOfBounds.selector, value, least, most);
    }

    /// Something for the timelock to do that shows and hurts nobody.
    function harmless() internal view returns (Proposal memory) {
        return proposal(address(token), abi.encodeWithSignature("approve(address,uint256)", ALICE, 5));
    }

    // Setting up

    function test_ItStartsWithItsTerms() public view {
        equal(governor.token(), address(votes), "votes");
        equal(governor.votingDelay(), 1 days, "delay");
        equal(governor.votingPeriod(), 7 days, "period");
        equal(governor.lateQuorumVoteExtension(), 2 days, "extension");
        equal(timelock.getMinDelay(), 3 days, "timelock");
        equal(governor.proposalThreshold(), 100_000e18, "threshold");
        equal(governor.quorumNumerator(), 250_000, "quorum");
        equal(governor.quorumDenominator(), 1_000_000, "of a million");
        equal(governor.QUORUM_FLOOR_WEI(), FLOOR_WEI, "floor");
        equal(governor.proposalGuardian(), GUARDIAN, "guardian");
        equal(governor.clock(), block.timestamp, "clock");
        equal(keccak256(bytes(governor.CLOCK_MODE())), keccak256("mode=timestamp"), "mode");
        equal(keccak256(bytes(governor.name())), keccak256("OpenGovernor"), "name");
        require(governor.proposalNeedsQueuing(0), "no execution without the timelock");
    }

    function test_NobodyButGovernorAndTimelockEverHoldsARole() public view {
        address[6] memory others = [address(this), GUARDIAN, ALICE, STRANGER, address(0), address(1)];
        bytes32[3] memory roles = [timelock.DEFAULT_ADMIN_ROLE(), timelock.PROPOSER_ROLE(), timelock.CANCELLER_ROLE()];
        for (uint256 i; i < roles.length; ++i) {
            for (uint256 j; j < others.length; ++j) require(!timelock.hasRole(roles[i], others[j]), "a role too many");
            equal(timelock.getRoleAdmin(roles[i]), timelock.DEFAULT_ADMIN_ROLE(), "administered by the admin");
            require(
                timelock.hasRole(roles[i], address(governor)) == (i != 0),
                "governor proposes and cancels, no more"
            );
            require(
                timelock.hasRole(roles[i], address(timelock)) == (i == 0),
                "the timelock is its own admin, no more"
            );
        }
        require(timelock.hasRole(timelock.EXECUTOR_ROLE(), address(0)), "anybody executes");
    }

    function test_TheDeployerAndTheGuardianCanDoNothingToTheTimelock() public {
        bytes32 admin = timelock.DEFAULT_ADMIN_ROLE();
        bytes32 proposer = timelock.PROPOSER_ROLE();
        bytes32 canceller = timelock.CANCELLER_ROLE();
        address[2] memory powerless = [address(this), GUARDIAN];
        for (uint256 i; i < 2; ++i) {
            vm.startPrank(powerless[i]);
            vm.expectRevert(notAllowed(powerless[i], admin));
            timelock.grantRole(proposer, powerless[i]);
            vm.expectRevert(notAllowed(powerless[i], proposer));
            timelock.schedule(address(token), 0, "", 0, 0, 30 days);
            vm.expectRevert(notAllowed(powerless[i], canceller));
            timelock.cancel(0);
            vm.expectRevert(abi.encodeWithSelector(IFullTimelock.TimelockUnauthorizedCaller.selector, powerless[i]));
            timelock.updateDelay(2 days);
            vm.stopPrank();
        }
    }

    function notAllowed(address account, bytes32 role) internal pure returns (bytes memory) {
        return abi.encodeWithSignature("AccessControlUnauthorizedAccount(address,bytes32)", account, role);
    }

    function test_TermsOutOfBoundsAreRefusedAndTheBoundsThemselvesAreNot() public {
        bounded(0, 1 hours, 7 days);
        bounded(1, 5 days, 14 days);
        bounded(2, 1 days, 7 days); // the voting period
        bounded(4, 0, 10_000_000e18);
        bounded(5, 40_000, 500_000);
        bounded(6, 1, 100_000_000e18);
        for (uint256 i; i < 2; ++i) {
            uint256 delay = i == 0 ? 1 days - 1 : 30 days + 1;
            vm.expectRevert(
                abi.encodeWithSelector(IFullTimelock.TimelockDelayOutOfBounds.selector, delay, 1 days, 30 days)
            );
            this.deployWith(3, delay);
            this.deployWith(3, i == 0 ? 1 days : 30 days);
        }
    }

    function bounded(uint256 term, uint256 least, uint256 most) internal {
        this.deployWith(term, least);
        this.deployWith(term, most);
        if (least != 0) {
            vm.expectRevert(outOfBounds(least - 1, least, most));
            this.deployWith(term, least - 1);
        }
        vm.expectRevert(outOfBounds(most + 1, least, most));
        this.deployWith(term, most + 1);
    }

    /// A call of its own, for the runner expects the next call to be the one that reverts.
    function deployWith(uint256 term, uint256 value) external {
        IOpenGovernor.Terms memory given = terms();
        if (term == 0) given.votingDelay = uint48(value);
        if (term == 1) given.votingPeriod = uint32(value);
        if (term == 2) given.voteExtension = uint48(value);
        if (term == 3) given.timelockDelay = value;
        if (term == 4) given.proposalThresholdWei = value;
        if (term == 5) given.quorumPpm = value;
        if (term == 6) given.quorumFloorWei = value;
        deployed("OpenGovernor", abi.encode(given));
    }

    // From proposal to execution

    function test_AProposalGoesThroughAllItsStates() public {
        Proposal memory p = harmless();
        propose(p);
        equal(governor.proposalSnapshot(p.id), block.timestamp + 1 days, "snapshot");
        equal(governor.proposalDeadline(p.id), block.timestamp + 8 days, "deadline");
        isIn(p, IGovernor.ProposalState.Pending, "pending");
        vm.warp(block.timestamp + 1 days + 1);
        isIn(p, IGovernor.ProposalState.Active, "active");
        vote(p, ALICE, FOR);
        vote(p, BOB, AGAINST);
        vm.warp(governor.proposalDeadline(p.id));
        isIn(p, IGovernor.ProposalState.Active, "active to the last second");
        vm.warp(block.timestamp + 1);
        isIn(p, IGovernor.ProposalState.Succeeded, "succeeded");
        vm.expectRevert(unexpected(p, IGovernor.ProposalState.Succeeded, bytes32(uint256(1 << 5))));
        execute(p);
        queue(p);
        isIn(p, IGovernor.ProposalState.Queued, "queued");
        equal(governor.proposalEta(p.id), block.timestamp + 3 days, "eta");
        vm.warp(block.timestamp + 3 days - 1);
        vm.expectRevert();
        execute(p);
        vm.warp(block.timestamp + 1);
        vm.prank(STRANGER); // anybody
        execute(p);
        isIn(p, IGovernor.ProposalState.Executed, "executed");
        equal(token.allowance(address(timelock), ALICE), 5, "done");
        vm.expectRevert(unexpected(p, IGovernor.ProposalState.Executed, bytes32(uint256(1 << 5))));
        execute(p);
    }

    function test_AProposalUpgradesAContractThatTheTimelockOwns() public {
        equal(IOwned(address(emission)).owner(), address(timelock), "owner");
        address next = address(new NextEmission());
        bytes memory upgrade = abi.encodeCall(IUpgradeable.upgradeToAndCall, (next, ""));
        vm.expectRevert(abi.encodeWithSelector(IUpgradeable.OwnableUnauthorizedAccount.selector, address(this)));
        IUpgradeable(address(emission)).upgradeToAndCall(next, "");
        Proposal memory p = proposal(address(emission), upgrade);
        ripen(p);
        execute(p);
        require(NextEmission(address(emission)).isNext(), "not upgraded");
    }

    function test_AProposalChangesAParameterOfAContractThatTheTimelockOwns() public {
        Proposal memory p = proposal(address(emission), abi.encodeCall(emission.setRatePerDay, (7)));
        ripen(p);
        execute(p);
        equal(emission.ratePerDayWei(), 7, "rate");
    }

    function test_AProposalChangesEachParameterWithinItsBounds() public {
        run(abi.encodeCall(governor.setVotingDelay, (2 days)));
        equal(governor.votingDelay(), 2 days, "delay");
        run(abi.encodeCall(governor.setVotingPeriod, (9 days)));
        equal(governor.votingPeriod(), 9 days, "period");
        run(abi.encodeCall(governor.setLateQuorumVoteExtension, (8 days)));
        equal(governor.lateQuorumVoteExtension(), 8 days, "extension");
        run(abi.encodeCall(governor.setProposalThreshold, (7e18)));
        equal(governor.proposalThreshold(), 7e18, "threshold");
        run(abi.encodeCall(governor.updateQuorumNumerator, (400_000)));
        equal(governor.quorumNumerator(), 400_000, "quorum");
        run(abi.encodeCall(governor.setProposalGuardian, (BOB)));
        equal(governor.proposalGuardian(), BOB, "guardian");
        Proposal memory p = proposal(address(timelock), abi.encodeCall(timelock.updateDelay, (5 days)));
        ripen(p);
        execute(p);
        equal(timelock.getMinDelay(), 5 days, "timelock");
    }

    function run(bytes memory data) internal {
        Proposal memory p = proposal(data);
        ripen(p);
        execute(p);
    }

    function test_NoVoteLeavesTheBounds() public {
        fails(abi.encodeCall(governor.setVotingDelay, (7 days + 1)), outOfBounds(7 days + 1, 1 hours, 7 days));
        fails(abi.encodeCall(governor.setVotingPeriod, (5 days - 1)), outOfBounds(5 days - 1, 5 days, 14 days));
        fails(
            abi.encodeCall(governor.setLateQuorumVoteExtension, (1 days - 1)),
            outOfBounds(1 days - 1, 1 days, 7 days)
        );
        fails(
            abi.encodeCall(governor.setProposalThreshold, (10_000_000e18 + 1)),
            outOfBounds(10_000_000e18 + 1, 0, 10_000_000e18)
        );
        fails(abi.encodeCall(governor.updateQuorumNumerator, (39_999)), outOfBounds(39_999, 40_000, 500_000));
        Proposal memory p = proposal(address(timelock), abi.encodeCall(timelock.updateDelay, (1 days - 1)));
        ripen(p);
        vm.expectRevert(
            abi.encodeWithSelector(IFullTimelock.TimelockDelayOutOfBounds.selector, 1 days - 1, 1 days, 30 days)
        );
        execute(p);
        p = proposal(address(timelock), abi.encodeCall(timelock.updateDelay, (30 days + 1)));
        ripen(p);
        vm.expectRevert(
            abi.encodeWithSelector(IFullTimelock.TimelockDelayOutOfBounds.selector, 30 days + 1, 1 days, 30 days)
        );
        execute(p);
    }

    function fails(bytes memory data, bytes memory reason) internal {
        Proposal memory p = proposal(data);
        ripen(p);
        vm.expectRevert(reason);
        execute(p);
    }

    function test_NobodyElseSetsParameters() public {
        address[3] memory others = [address(this), GUARDIAN, ALICE];
        for (uint256 i; i < 3; ++i) {
            bytes memory reason = abi.encodeWithSelector(IGovernor.GovernorOnlyExecutor.selector, others[i]);
            vm.startPrank(others[i]);
            vm.expectRevert(reason);
            governor.setVotingDelay(2 days);
            vm.expectRevert(reason);
            governor.setVotingPeriod(6 days);
            vm.expectRevert(reason);
            governor.setProposalThreshold(1);
            vm.expectRevert(reason);
            governor.setLateQuorumVoteExtension(1 days);
            vm.expectRevert(reason);
            governor.updateQuorumNumerator(50_000);
            vm.expectRevert(reason);
            governor.setProposalGuardian(others[i]);
            vm.expectRevert(reason);
            governor.updateTimelock(others[i]);
            vm.stopPrank();
        }
    }

    function test_AProposerNeedsTheThreshold() public {
        Proposal memory p = harmless();
        wrap(STRANGER, 100_000e18 - 1);
        vm.warp(block.timestamp + 1);
        vm.prank(STRANGER);
        vm.expectRevert(
            abi.encodeWithSelector(
                IGovernor.GovernorInsufficientProposerVotes.selector,
                STRANGER,
                100_000e18 - 1,
                100_000e18
            )
        );
        governor.propose(p.targets, p.values, p.calldatas, p.description);
        wrap(STRANGER, 1);
        vm.warp(block.timestamp + 1);
        vm.prank(STRANGER);
        governor.propose(p.targets, p.values, p.calldatas, p.description);
    }

    // Quorum

    function test_ASmallWrapCannotCaptureTheVotes() public {
        // All but CAROL's million is unwrapped: a quarter of what is wrapped would be a quarter of a million.
        vm.prank(ALICE);
        votes.withdrawTo(ALICE, 40_000_000e18);
        vm.prank(BOB);
        votes.withdrawTo(BOB, 30_000_000e18);
        vm.warp(block.timestamp + 1);
        Proposal memory p = proposal(
            address(emission),
            abi.encodeCall(IUpgradeable.upgradeToAndCall, (address(new NextEmission()), ""))
        );
        vm.prank(CAROL);
        governor.propose(p.targets, p.values, p.calldatas, p.description);
        vm.warp(governor.proposalSnapshot(p.id) + 1);
        vote(p, CAROL, FOR);
        equal(governor.quorum(governor.proposalSnapshot(p.id)), FLOOR_WEI, "quorum");
        vm.warp(governor.proposalDeadline(p.id) + 1);
        isIn(p, IGovernor.ProposalState.Defeated, "all votes there are, and not enough");
        vm.expectRevert(unexpected(p, IGovernor.ProposalState.Defeated, bytes32(uint256(1 << 4))));
        queue(p);
    }

    function test_TheQuorumIsTheGreaterOfFloorAndFraction() public {
        equal(governor.quorum(block.timestamp - 1), FLOOR_WEI, "a quarter of 71 million is below the floor");
        votes.depositFor(STRANGER, 29_000_000e18);
        vm.warp(block.timestamp + 1);
        equal(governor.quorum(block.timestamp - 1), FLOOR_WEI, "a quarter of 100 million is the floor");
        votes.depositFor(STRANGER, 4);
        vm.warp(block.timestamp + 1);
        equal(governor.quorum(block.timestamp - 1), FLOOR_WEI + 1, "above it the fraction counts");
    }

    function test_TheFloorIsReachedToTheWei() public {
        wrap(STRANGER, FLOOR_WEI - 1);
        wrap(GUARDIAN, 1);
        vm.warp(block.timestamp + 1);
        Proposal memory p = harmless();
        open(p);
        vote(p, STRANGER, FOR);
        vm.warp(governor.proposalDeadline(p.id) + 1);
        isIn(p, IGovernor.ProposalState.Defeated, "a wei short");
        p.description = "again";
        p.id = governor.hashProposal(p.targets, p.values, p.calldatas, keccak256("again"));
        open(p);
        vote(p, STRANGER, FOR);
        vote(p, GUARDIAN, ABSTAIN);
        vm.warp(governor.proposalDeadline(p.id) + 1);
        isIn(p, IGovernor.ProposalState.Succeeded, "with the last wei, which abstained");
    }

    function test_AQuorumReachedLateGivesTheOthersTime() public {
        Proposal memory p = harmless();
        open(p);
        uint256 deadline = governor.proposalDeadline(p.id);
        vote(p, CAROL, FOR);
        vm.warp(deadline);
        vm.expectEmit(address(governor));
        emit IFullGovernor.ProposalExtended(p.id, uint64(deadline + 2 days));
        vote(p, BOB, FOR);
        equal(governor.proposalDeadline(p.id), deadline + 2 days, "extended");
        vm.warp(deadline + 2 days);
        isIn(p, IGovernor.ProposalState.Active, "goes on");
        vote(p, ALICE, AGAINST);
        equal(governor.proposalDeadline(p.id), deadline + 2 days, "once");
        vm.warp(block.timestamp + 1);
        isIn(p, IGovernor.ProposalState.Defeated, "defeated by who came in time");
    }

    function test_AQuorumReachedEarlyExtendsNothing() public {
        Proposal memory p = harmless();
        open(p);
        uint256 deadline = governor.proposalDeadline(p.id);
        vm.warp(deadline - 2 days);
        vote(p, ALICE, FOR);
        equal(governor.proposalDeadline(p.id), deadline, "deadline");
    }

    function test_VotesBoughtAfterTheSnapshotDoNotCount() public {
        Proposal memory p = harmless();
        open(p);
        wrap(STRANGER, 500_000_000e18);
        vm.prank(ALICE);
        votes.transfer(CAROL, 40_000_000e18);
        vote(p, STRANGER, AGAINST);
        vote(p, CAROL, AGAINST);
        vote(p, ALICE, FOR);
        vm.warp(governor.proposalDeadline(p.id) + 1);
        isIn(p, IGovernor.ProposalState.Succeeded, "who had votes then decides");
    }

    // The guardian

    function test_TheGuardianCancelsInEveryStateUntilExecution() public {
        for (uint256 stage; stage < 5; ++stage) {
            Proposal memory p = harmless();
            p.description = string(abi.encode(stage));
            p.id = governor.hashProposal(p.targets, p.values, p.calldatas, keccak256(abi.encode(stage)));
            if (stage == 0) propose(p);
            if (stage == 1) open(p);
            if (stage == 2) pass(p);
            if (stage >= 3) ripen(p);
            if (stage == 4) {
                execute(p);
                vm.prank(GUARDIAN);
                vm.expectRevert(unexpected(p, IGovernor.ProposalState.Executed, bytes32(uint256(255 - 4 - 64 - 128))));
                cancel(p);
                continue;
            }
            vm.prank(GUARDIAN);
            cancel(p);
            isIn(p, IGovernor.ProposalState.Canceled, "cancelled");
            vm.expectRevert(unexpected(p, IGovernor.ProposalState.Canceled, bytes32(uint256(1 << 5))));
            execute(p);
        }
    }

    function test_TheGuardianCanNeitherVoteNorExecuteNorProposeNorActByTheTimelock() public {
        Proposal memory p = harmless();
        vm.prank(GUARDIAN);
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorInsufficientProposerVotes.selector, GUARDIAN, 0, 100_000e18)
        );
        governor.propose(p.targets, p.values, p.calldatas, p.description);
        open(p);
        vote(p, GUARDIAN, FOR);
        vm.warp(governor.proposalDeadline(p.id) + 1);
        vm.prank(GUARDIAN);
        vm.expectRevert(unexpected(p, IGovernor.ProposalState.Defeated, bytes32(uint256(1 << 5))));
        execute(p);
        equal(token.allowance(address(timelock), ALICE), 0, "nothing done");
    }

    function test_OthersCancelOnlyTheirOwnAndOnlyBeforeItsVote() public {
        Proposal memory p = harmless();
        propose(p);
        vm.prank(BOB);
        vm.expectRevert(unable(p, BOB));
        cancel(p);
        vm.warp(governor.proposalSnapshot(p.id) + 1);
        vm.prank(ALICE);
        vm.expectRevert(unable(p, ALICE));
        cancel(p);
        p.description = "another";
        p.id = governor.hashProposal(p.targets, p.values, p.calldatas, keccak256("another"));
        propose(p);
        vm.prank(ALICE);
        cancel(p);
        isIn(p, IGovernor.ProposalState.Canceled, "cancelled");
    }

    function test_WithoutAGuardianNobodyCancelsWhatWasVoted() public {
        run(abi.encodeCall(governor.setProposalGuardian, (address(0))));
        Proposal memory p = harmless();
        pass(p);
        address[3] memory others = [ALICE, GUARDIAN, address(0)];
        for (uint256 i; i < 2; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(unable(p, others[i]));
            cancel(p);
        }
    }

    function test_TheGuardianCannotKeepItself() public {
        Proposal memory p = proposal(abi.encodeCall(governor.setProposalGuardian, (BOB)));
        ripen(p);
        vm.prank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(IOpenGovernor.OpenGovernorGuardianKeepsItself.selector, p.id));
        cancel(p);
        vm.expectEmit(address(governor));
        emit IFullGovernor.ProposalGuardianSet(GUARDIAN, BOB);
        execute(p);
        equal(governor.proposalGuardian(), BOB, "guardian");
    }

    function test_AProposerTakesItsOwnBackThatWouldReplaceTheGuardian() public {
        Proposal memory p = proposal(abi.encodeCall(governor.setProposalGuardian, (BOB)));
        propose(p);
        vm.prank(ALICE);
        cancel(p);
        isIn(p, IGovernor.ProposalState.Canceled, "cancelled");
    }

    function test_TheGuardianCancelsWhatDoesMoreThanReplaceItOrElsewhere() public {
        bytes memory replace = abi.encodeCall(governor.setProposalGuardian, (BOB));
        Proposal memory p = proposal(address(token), replace); // not the governor
        propose(p);
        vm.prank(GUARDIAN);
        cancel(p);
        p = proposal(abi.encodeCall(governor.setVotingDelay, (2 days))); // not the guardian
        propose(p);
        vm.prank(GUARDIAN);
        cancel(p);
        p.targets = new address[](2);
        p.values = new uint256[](2);
        p.calldatas = new bytes[](2);
        (p.targets[0], p.targets[1]) = (address(governor), address(token));
        (p.calldatas[0], p.calldatas[1]) = (replace, abi.encodeWithSignature("approve(address,uint256)", BOB, 1));
        p.id = governor.hashProposal(p.targets, p.values, p.calldatas, keccak256("why"));
        propose(p);
        vm.prank(GUARDIAN);
        cancel(p);
        isIn(p, IGovernor.ProposalState.Canceled, "cancelled");
    }
}
