// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IRewardDistributor} from "../rewards/IRewardDistributor.sol";
import {IRootCourt} from "../rewards/IRootCourt.sol";
import {IUpgradeable} from "./support/Economy.sol";
import {Sheets} from "./support/Sheets.sol";
import {Tree} from "./support/Tree.sol";

contract RootCourtTest is Sheets {
    using Tree for bytes32[];

    event RootProposed(
        uint256 indexed epoch,
        bytes32 indexed root,
        address indexed proposer,
        bytes32 dataDigest,
        bytes32 engineHash,
        uint256 totalWei,
        uint64 toBlock,
        bytes32 blockHash,
        uint256 opensAt,
        uint256 parent
    );
    event RootResolved(
        uint256 indexed epoch,
        bytes32 indexed root,
        address indexed winner,
        bool upheld,
        uint256 paidWei
    );

    function refused(IRootCourt.Proposal memory proposed, bytes memory reason) internal {
        vm.prank(PROPOSER);
        vm.expectRevert(reason);
        court.propose(proposed);
    }

    // Setting up

    function test_TheCourtIsSetUpOnceAndOwnsItsVault() public {
        equal(vault.COURT(), address(court), "vault's court");
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        court.initialize(STRANGER, GUARDIAN, IERC20(address(token)), 1, 1, STRANGER);
        IRootCourt code = IRootCourt(deployed("RootCourt", ""));
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        code.initialize(STRANGER, GUARDIAN, IERC20(address(token)), 1, 1, STRANGER);
    }

    function test_ACourtWithoutBondOrWindowIsRefused() public {
        uint96 most = 1_000_000e18;
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtBondOutOfRange.selector, 0, most));
        this.deploy(0, WINDOW);
        vm.expectRevert(IRewardDistributor.DistributorUnset.selector);
        this.deploy(BOND_WEI, 0);
    }

    function deploy(uint96 bondWei, uint256 window) external {
        proxy(
            "RootCourt",
            abi.encodeCall(
                IRootCourt.initialize,
                (GOVERNOR, GUARDIAN, IERC20(address(token)), bondWei, window, PROPOSER)
            )
        );
    }

    function test_OnlyGovernanceNamesProposersAndUpgrades() public {
        address code = deployed("RootCourt", "");
        vm.startPrank(STRANGER);
        bytes memory reason = abi.encodeWithSelector(IUpgradeable.OwnableUnauthorizedAccount.selector, STRANGER);
        vm.expectRevert(reason);
        court.setProposer(STRANGER, true);
        vm.expectRevert(reason);
        IUpgradeable(address(court)).upgradeToAndCall(code, "");
        vm.stopPrank();

        propose(sheet(1, 100, 200, 300));
        vm.startPrank(GOVERNOR);
        vm.expectRevert(IRootCourt.CourtUnset.selector);
        court.setProposer(address(0), true);
        court.setProposer(PROPOSER, false);
        IUpgradeable(address(court)).upgradeToAndCall(code, "");
        vm.stopPrank();
        equal(court.epoch(1).totalWei, 600, "the state stays");
        require(!court.isProposer(PROPOSER), "not a proposer any more");
    }

    // Proposing

    function test_AProposedRootIsKeptBondedAndOpensAfterTheWindow() public {
        bytes32[] memory words = sheet(1, 100, 200, 300);
        equal(court.nextEpoch(), 1, "next number");
        vm.roll(2_001);
        IRootCourt.Proposal memory proposed = proposal(words);
        uint256 opensAt = block.timestamp + WINDOW;
        vm.expectEmit(address(court));
        emit RootProposed(1, words.root(), PROPOSER, "data", "engine", 600, 2_000, "block", opensAt, 0);
        vm.prank(PROPOSER);
        court.propose(proposed);
        IRootCourt.Epoch memory kept = court.epoch(1);
        equal(kept.root, words.root(), "root");
        equal(kept.totalWei, 600, "total");
        equal(kept.toBlock, 2_000, "block");
        equal(kept.proposer, PROPOSER, "proposer");
        equal(kept.bondWei, BOND_WEI, "bond");
        equal(court.latest(), 1, "latest");
        equal(court.bondedWei(), BOND_WEI, "bonded");
        equal(token.balanceOf(address(court)), BOND_WEI, "held");
        equal(vault.opensAt(words.root()), opensAt, "scheduled");
    }

    function test_EachWrongProposalIsRefused() public {
        openFirst(); // total 600, block 1,000
        vm.roll(1_010);
        IRootCourt.Proposal memory proposed = proposal(sheet(2, 100, 200, 400));
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtNotProposer.selector, STRANGER));
        court.propose(proposed);

        bytes32 used = court.epoch(1).root;
        proposed.root = used;
        refused(proposed, abi.encodeWithSelector(IRootCourt.CourtRootKnown.selector, used));
        proposed = proposal(sheet(2, 100, 200, 400));
        proposed.root = 0;
        refused(proposed, abi.encodeWithSelector(IRewardDistributor.DistributorZeroRoot.selector));
        proposed = proposal(sheet(2, 100, 200, 400));
        proposed.dataDigest = 0;
        refused(proposed, abi.encodeWithSelector(IRootCourt.CourtZeroDigest.selector));
        proposed.dataDigest = "data";
        proposed.engineHash = 0;
        refused(proposed, abi.encodeWithSelector(IRootCourt.CourtZeroDigest.selector));
        proposed.engineHash = "engine";
        proposed.blockHash = 0;
        refused(proposed, abi.encodeWithSelector(IRootCourt.CourtZeroDigest.selector));
        proposed.blockHash = "block";

        proposed.totalWei = 599;
        bytes4 outOfRange = IRootCourt.CourtTotalOutOfRange.selector;
        refused(proposed, abi.encodeWithSelector(outOfRange, 599, 600, FUNDED_WEI));
        proposed.totalWei = uint128(FUNDED_WEI + 1);
        refused(proposed, abi.encodeWithSelector(outOfRange, FUNDED_WEI + 1, 600, FUNDED_WEI));
        proposed.totalWei = uint128(FUNDED_WEI);

        proposed.toBlock = 1_000;
        outOfRange = IRootCourt.CourtBlockOutOfRange.selector;
        refused(proposed, abi.encodeWithSelector(outOfRange, 1_000, 1_000, 1_010));
        proposed.toBlock = 1_010;
        refused(proposed, abi.encodeWithSelector(outOfRange, 1_010, 1_000, 1_010));
        proposed.toBlock = 1_009;
        vm.prank(PROPOSER);
        court.propose(proposed);
        equal(court.epoch(2).parent, 1, "parent");
    }

    function test_OneRootIsPendingAtATime() public {
        propose(sheet(1, 100, 200, 300));
        bytes memory reason = abi.encodeWithSelector(IRootCourt.CourtRootPending.selector, 1);
        vm.roll(block.number + 1);
        refused(proposal(sheet(2, 200, 200, 300)), reason);
        challenge(1);
        vm.warp(block.timestamp + WINDOW);
        refused(proposal(sheet(2, 200, 200, 300)), reason);
        resolve(1, true);
        propose(sheet(2, 100, 200, 300));
        equal(court.latest(), 2, "after a rejection the next may come at once");
    }

    /// The low sentinel makes the very same amounts another root.
    function test_ARejectedEpochCanBeProposedAgain() public {
        bytes32[] memory words = sheet(1, 100, 200, 300);
        propose(words);
        challenge(1);
        resolve(1, true);
        vm.roll(block.number + 1);
        refused(proposal(words), abi.encodeWithSelector(IRootCourt.CourtRootKnown.selector, words.root()));
        words = sheet(2, 100, 200, 300);
        propose(words);
        vm.warp(block.timestamp + WINDOW);
        equal(vault.claim(words[1], 1, words.proof(1)), 100, "paid");
        equal(court.epoch(2).parent, 0, "the rejected epoch is nobody's parent");
    }

    // Challenging and ruling

    function test_AChallengeFreezesTheRootUnderABondAsLarge() public {
        bytes32[] memory words = sheet(1, 100, 200, 300);
        propose(words);
        challenge(1);
        equal(statusOf(1), uint256(IRootCourt.Status.Challenged), "status");
        equal(court.epoch(1).challenger, CHALLENGER, "challenger");
        equal(court.bondedWei(), 2 * BOND_WEI, "bonded");
        equal(vault.opensAt(words.root()), type(uint256).max, "frozen");
        vm.prank(STRANGER);
        vm.expectRevert(wrongStatus(1, IRootCourt.Status.Challenged));
        court.challenge(1, "reason");
    }

    function test_ALiveRejectedOrUnknownRootIsNotChallenged() public {
        openFirst();
        vm.startPrank(CHALLENGER);
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtRootLive.selector, 1));
        court.challenge(1, "reason");
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtUnknownEpoch.selector, 2));
        court.challenge(2, "reason");
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtUnknownEpoch.selector, 0));
        court.challenge(0, "reason");
        vm.stopPrank();
        propose(sheet(2, 100, 200, 400));
        challenge(2);
        resolve(2, true);
        vm.prank(STRANGER);
        vm.expectRevert(wrongStatus(2, IRootCourt.Status.Rejected));
        court.challenge(2, "reason");
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtUnknownEpoch.selector, 3));
        court.epoch(3);
    }

    function test_ARightChallengeIsPaidFromTheProposersBond() public {
        bytes32[] memory words = sheet(1, 100, 200, 300);
        propose(words);
        challenge(1);
        vm.expectEmit(address(court));
        emit RootResolved(1, words.root(), CHALLENGER, true, BOND_WEI + BOND_WEI / 2);
        resolve(1, true);
        equal(token.balanceOf(CHALLENGER), 1e9 + BOND_WEI / 2, "challenger");
        equal(token.balanceOf(PROPOSER), 1e9 - BOND_WEI, "proposer");
        equal(vault.funded(), FUNDED_WEI + BOND_WEI - BOND_WEI / 2, "the odd wei funds rewards");
        equal(court.bondedWei(), 0, "bonded");
        equal(court.latest(), 0, "latest");
        vm.warp(block.timestamp + 365 days);
        require(!vault.isLive(words.root()), "a rejected root never lives");
    }

    function test_AWrongChallengeCostsItsBondAndGivesAFullWindow() public {
        bytes32[] memory words = sheet(1, 100, 200, 300);
        propose(words);
        vm.warp(block.timestamp + WINDOW - 1);
        challenge(1);
        vm.warp(block.timestamp + 5 days);
        resolve(1, false);
        equal(token.balanceOf(PROPOSER), 1e9 - BOND_WEI + BOND_WEI / 2, "proposer");
        equal(token.balanceOf(CHALLENGER), 1e9 - BOND_WEI, "challenger");
        equal(vault.funded(), FUNDED_WEI + BOND_WEI - BOND_WEI / 2, "rewards");
        equal(court.bondedWei(), BOND_WEI, "the proposer's bond stays");
        equal(vault.opensAt(words.root()), block.timestamp + WINDOW, "a full window");
        vm.prank(STRANGER);
        court.challenge(1, "another reason");
        resolve(1, false);
        vm.warp(block.timestamp + WINDOW);
        require(vault.isLive(words.root()), "live in the end");
        court.releaseBond(1);
        equal(token.balanceOf(PROPOSER), 1e9 + 2 * (BOND_WEI / 2), "proposer, twice right");
    }

    function test_OnlyGovernanceRulesAndOnlyOnAChallenge() public {
        propose(sheet(1, 100, 200, 300));
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtNotCouncil.selector, STRANGER));
        court.resolve(1, true);
        vm.startPrank(GOVERNOR);
        vm.expectRevert(wrongStatus(1, IRootCourt.Status.Proposed));
        court.resolve(1, true);
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtUnknownEpoch.selector, 2));
        court.resolve(2, true);
        vm.stopPrank();
        challenge(1);
        resolve(1, true);
        vm.prank(GOVERNOR);
        vm.expectRevert(wrongStatus(1, IRootCourt.Status.Rejected));
        court.resolve(1, true);
    }

    function test_SilenceIsADraw() public {
        bytes32[] memory words = sheet(1, 100, 200, 300);
        propose(words);
        vm.expectRevert(wrongStatus(1, IRootCourt.Status.Proposed));
        court.expire(1);
        challenge(1);
        uint256 until = block.timestamp + 14 days;
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtRulingOpen.selector, 1, until));
        court.expire(1);
        vm.warp(until);
        vm.prank(STRANGER);
        court.expire(1);
        equal(token.balanceOf(PROPOSER), 1e9, "proposer");
        equal(token.balanceOf(CHALLENGER), 1e9, "challenger");
        equal(statusOf(1), uint256(IRootCourt.Status.Rejected), "status");
        require(court.epoch(1).bondReleased, "the epoch says so");
        equal(court.latest(), 0, "latest");
        equal(court.bondedWei(), 0, "bonded");
        require(!vault.isLive(words.root()), "the root stays frozen");
        vm.expectRevert(wrongStatus(1, IRootCourt.Status.Rejected));
        court.expire(1);
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtUnknownEpoch.selector, 2));
        court.expire(2);
    }

    function test_GovernanceMayRuleLateIfNobodyCalledTheDraw() public {
        propose(sheet(1, 100, 200, 300));
        challenge(1);
        vm.warp(block.timestamp + 15 days);
        resolve(1, false);
        equal(statusOf(1), uint256(IRootCourt.Status.Proposed), "status");
    }

    function test_TheBondGoesBackOnceWhenTheRootIsLive() public {
        propose(sheet(1, 100, 200, 300));
        bytes memory locked = abi.encodeWithSelector(IRootCourt.CourtBondLocked.selector, 1);
        vm.expectRevert(locked);
        court.releaseBond(1);
        vm.warp(block.timestamp + WINDOW);
        vm.prank(STRANGER);
        court.releaseBond(1);
        equal(token.balanceOf(PROPOSER), 1e9, "back");
        vm.expectRevert(locked);
        court.releaseBond(1);
        propose(sheet(2, 100, 200, 400));
        challenge(2);
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtBondLocked.selector, 2));
        court.releaseBond(2);
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtUnknownEpoch.selector, 3));
        court.releaseBond(3);
    }
}
