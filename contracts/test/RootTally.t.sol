// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRootCourt} from "../rewards/IRootCourt.sol";
import {Sheets} from "./support/Sheets.sol";
import {Tree} from "./support/Tree.sol";

/// Adding up a tree over many calls. Epoch 1 is accused: its words sum to 600.
contract RootTallyTest is Sheets {
    using Tree for bytes32[];

    event Tallied(uint256 indexed epoch, address indexed teller, uint256 nextPosition, uint256 sumWei);
    event FaultProven(uint256 indexed epoch, address indexed account, address indexed prover, IRootCourt.Fault kind);

    bytes32[] internal words;

    function accuse(uint128 totalWei) internal {
        words = sheet(1, 100, 200, 300);
        IRootCourt.Proposal memory proposed = proposal(words);
        proposed.totalWei = totalWei;
        vm.prank(PROPOSER);
        court.propose(proposed);
    }

    /// Adds the words [start, start + length), as STRANGER.
    function tally(uint256 start, uint256 length) internal returns (uint256) {
        uint256 level;
        while (1 << level < length) ++level;
        bytes32[] memory proof = words.proof(start >> level, level);
        vm.prank(STRANGER);
        return court.tally(1, words.slice(start, length), start / length, proof);
    }

    function expectTallied(uint256 nextPosition, uint256 sumWei) internal {
        vm.expectEmit(address(court));
        emit Tallied(1, STRANGER, nextPosition, sumWei);
    }

    function test_WordsThatFollowAreAddedAndTooMuchIsAFault() public {
        accuse(599);
        expectTallied(2, 100);
        equal(tally(0, 2), 100, "the low sentinel is no money");
        expectTallied(3, 300);
        equal(tally(2, 1), 300, "subtrees may differ in size");
        vm.expectEmit(address(court));
        emit FaultProven(1, address(0), STRANGER, IRootCourt.Fault.Excess);
        equal(tally(3, 1), 600, "more than the total");
        equal(statusOf(1), uint256(IRootCourt.Status.Rejected), "status");
        equal(token.balanceOf(STRANGER), 1e9 + BOND_WEI / 2, "the teller is paid");
    }

    function test_AnHonestTotalIsNeverPassed() public {
        accuse(600);
        tally(0, 4);
        equal(tally(4, 4), 600, "all words");
        equal(statusOf(1), uint256(IRootCourt.Status.Proposed), "status");
    }

    function test_TheSameWordsAreNotAddedTwice() public {
        accuse(600);
        tally(2, 2);
        expectTallied(4, 500);
        tally(2, 2);
        expectTallied(2, 100);
        tally(0, 2); // anew: these do not follow
        expectTallied(4, 600);
        tally(2, 2);
        expectTallied(2, 100);
        tally(0, 2); // position 0 follows nothing
        equal(statusOf(1), uint256(IRootCourt.Status.Proposed), "status");
    }

    function test_EachTellerAddsForItself() public {
        accuse(600);
        tally(0, 4);
        bytes32[] memory proof = words.proof(1, 2);
        vm.prank(CHALLENGER);
        equal(court.tally(1, words.slice(4, 4), 1, proof), 0, "another's sum is not taken over");
    }

    function test_WordsShownAtAnotherDepthAreAddedAnew() public {
        // A tree whose right half is a single leaf: the same position means other words at another depth.
        bytes32 low = Tree.low(1);
        bytes32 high = Tree.word(HIGHEST, 50);
        bytes32 left = keccak256(abi.encode(keccak256(abi.encode(low)), keccak256(abi.encode(high))));
        bytes32 rootHash = keccak256(abi.encode(left, keccak256(abi.encode(high))));
        vm.prank(PROPOSER);
        court.propose(IRootCourt.Proposal(rootHash, "data", "engine", 99, uint64(block.number - 1), "block"));
        bytes32[] memory pair = new bytes32[](2);
        (pair[0], pair[1]) = (low, high);
        bytes32[] memory above = new bytes32[](1);
        above[0] = keccak256(abi.encode(high));
        equal(court.tally(1, pair, 0, above), 50, "two words at depth 2");
        bytes32[] memory one = new bytes32[](1);
        one[0] = high;
        above[0] = left;
        equal(court.tally(1, one, 1, above), 50, "position 1 of depth 1");
        bytes32[] memory upTo = new bytes32[](2);
        (upTo[0], upTo[1]) = (keccak256(abi.encode(low)), keccak256(abi.encode(high)));
        equal(court.tally(1, one, 1, upTo), 50, "position 1 of depth 2 does not follow position 2 of depth 1");
    }

    function test_OnlyWordsOfThePendingTreeAreAdded() public {
        accuse(600);
        bytes32[] memory others = sheet(2, 100, 200, 300);
        bytes32 subroot = others.root();
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtBadProof.selector, 1, subroot));
        court.tally(1, others, 0, new bytes32[](0));
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtUnknownEpoch.selector, 2));
        court.tally(2, others, 0, new bytes32[](0));
        vm.warp(block.timestamp + WINDOW);
        bytes32[] memory all = words;
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtRootLive.selector, 1));
        court.tally(1, all, 0, new bytes32[](0));
    }

    function test_AChallengedRootCanStillBeAddedUpForItsChallenger() public {
        accuse(599);
        challenge(1);
        vm.warp(block.timestamp + WINDOW);
        tally(0, 4);
        equal(statusOf(1), uint256(IRootCourt.Status.Rejected), "status");
        equal(token.balanceOf(CHALLENGER), 1e9 + BOND_WEI / 2, "whoever challenged is paid");
    }
}
