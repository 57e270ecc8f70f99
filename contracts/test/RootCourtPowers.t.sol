// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGuarded} from "../governance/IGuarded.sol";
import {IRootCourt} from "../rewards/IRootCourt.sol";
import {IUpgradeable} from "./support/Economy.sol";
import {Sheets} from "./support/Sheets.sol";
import {Tree} from "./support/Tree.sol";

/// Who may do what to the court: governance, its council, the guardian.
contract RootCourtPowersTest is Sheets {
    using Tree for bytes32[];

    address internal constant COUNCIL = address(0xC0);

    event RootCancelled(uint256 indexed epoch, bytes32 indexed root, address indexed by);
    event BondSet(uint256 bondWei);
    event CouncilSet(address indexed council);
    event Paused(address indexed by);
    event Unpaused(address indexed by);
    event GuardianSet(address indexed guardian);

    function notGovernance() internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IUpgradeable.OwnableUnauthorizedAccount.selector, STRANGER);
    }

    function guarded() internal view returns (IGuarded) {
        return IGuarded(address(court));
    }

    // Council

    function test_TheCouncilRulesAndGovernanceNamesIt() public {
        propose(sheet(1, 100, 200, 300));
        challenge(1);
        vm.prank(STRANGER);
        vm.expectRevert(notGovernance());
        court.setCouncil(STRANGER);
        vm.prank(COUNCIL);
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtNotCouncil.selector, COUNCIL));
        court.resolve(1, true);
        vm.prank(GOVERNOR);
        vm.expectEmit(address(court));
        emit CouncilSet(COUNCIL);
        court.setCouncil(COUNCIL);
        equal(court.council(), COUNCIL, "named");
        vm.prank(COUNCIL);
        court.resolve(1, true);
        equal(statusOf(1), uint256(IRootCourt.Status.Rejected), "status");
    }

    // Bond

    function test_ANewBondHoldsForRootsProposedFromThenOn() public {
        propose(sheet(1, 100, 200, 300));
        vm.prank(STRANGER);
        vm.expectRevert(notGovernance());
        court.setBond(1);
        vm.startPrank(GOVERNOR);
        uint96 most = 1_000_000e18;
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtBondOutOfRange.selector, 0, most));
        court.setBond(0);
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtBondOutOfRange.selector, most + 1, most));
        court.setBond(most + 1);
        vm.expectEmit(address(court));
        emit BondSet(most);
        court.setBond(most);
        court.setBond(7);
        vm.stopPrank();
        challenge(1);
        equal(court.bondedWei(), 2 * BOND_WEI, "a challenge is as dear as its proposal was");
        resolve(1, true);
        propose(sheet(2, 100, 200, 300));
        equal(court.epoch(2).bondWei, 7, "the new bond");
    }

    // Guardian

    function test_TheGuardianCancelsAPendingRootWithoutBlame() public {
        bytes32[] memory words = sheet(1, 100, 200, 300);
        propose(words);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IGuarded.GuardedNotGuardian.selector, STRANGER));
        court.cancel(1);
        vm.prank(GUARDIAN);
        vm.expectEmit(address(court));
        emit RootCancelled(1, words.root(), GUARDIAN);
        court.cancel(1);
        equal(token.balanceOf(PROPOSER), 1e9, "the bond went home");
        equal(court.bondedWei(), 0, "bonded");
        equal(court.latest(), 0, "latest");
        require(court.epoch(1).bondReleased, "released");
        vm.warp(block.timestamp + 365 days);
        require(!vault.isLive(words.root()), "never lives");
        vm.prank(GUARDIAN);
        vm.expectRevert(wrongStatus(1, IRootCourt.Status.Rejected));
        court.cancel(1);
        propose(sheet(2, 100, 200, 300)); // and the proposer goes on
    }

    function test_GovernanceMayCancelToo() public {
        propose(sheet(1, 100, 200, 300));
        vm.prank(GOVERNOR);
        court.cancel(1);
        equal(statusOf(1), uint256(IRootCourt.Status.Rejected), "status");
    }

    function test_NobodyCancelsALiveOrAChallengedRoot() public {
        openFirst();
        vm.startPrank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtRootLive.selector, 1));
        court.cancel(1);
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtUnknownEpoch.selector, 2));
        court.cancel(2);
        vm.stopPrank();
        propose(sheet(2, 100, 200, 400));
        challenge(2);
        vm.prank(GUARDIAN);
        vm.expectRevert(wrongStatus(2, IRootCourt.Status.Challenged));
        court.cancel(2);
    }

    function test_APauseStopsProposalsAndNoClaim() public {
        bytes32[] memory words = openFirst();
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IGuarded.GuardedNotGuardian.selector, STRANGER));
        guarded().pause();
        vm.prank(GUARDIAN);
        vm.expectEmit(address(court));
        emit Paused(GUARDIAN);
        guarded().pause();
        require(guarded().isPaused(), "paused");
        vm.roll(block.number + 1);
        IRootCourt.Proposal memory proposed = proposal(sheet(2, 100, 200, 400));
        vm.prank(PROPOSER);
        vm.expectRevert(IGuarded.GuardedPaused.selector);
        court.propose(proposed);
        equal(vault.claim(words[1], 1, words.proof(1)), 100, "live roots pay whatever is paused");
        court.releaseBond(1);
        vm.prank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(IUpgradeable.OwnableUnauthorizedAccount.selector, GUARDIAN));
        guarded().unpause();
        vm.prank(GOVERNOR);
        vm.expectEmit(address(court));
        emit Unpaused(GOVERNOR);
        guarded().unpause();
        vm.prank(PROPOSER);
        court.propose(proposed);
    }

    function test_GovernanceNamesTheGuardianAndMayPauseItself() public {
        equal(guarded().guardian(), GUARDIAN, "at first");
        vm.prank(STRANGER);
        vm.expectRevert(notGovernance());
        guarded().setGuardian(STRANGER);
        vm.startPrank(GOVERNOR);
        vm.expectEmit(address(court));
        emit GuardianSet(address(0));
        guarded().setGuardian(address(0));
        guarded().pause();
        vm.stopPrank();
        vm.prank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(IGuarded.GuardedNotGuardian.selector, GUARDIAN));
        court.cancel(1);
        require(guarded().isPaused(), "paused by governance");
    }
}
