// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRootCourt} from "../rewards/IRootCourt.sol";
import {MerkleWord} from "../rewards/MerkleWord.sol";
import {Sheets} from "./support/Sheets.sol";
import {Tree} from "./support/Tree.sol";

/// What the tree alone shows. Epoch 1 is live with 100, 200 and 300; epoch 2 is the accused.
contract RootCourtFaultsTest is Sheets {
    using Tree for bytes32[];

    event FaultProven(uint256 indexed epoch, address indexed account, address indexed prover, IRootCourt.Fault kind);

    bytes32[] internal live;

    function setUp() public override {
        super.setUp();
        live = openFirst();
    }

    function accuse(bytes32[] memory words) internal returns (bytes32[] memory) {
        propose(words);
        return words;
    }

    /// Four words without the frame that `sheet` gives.
    function words4(bytes32 a, bytes32 b, bytes32 c, bytes32 d) internal pure returns (bytes32[] memory words) {
        words = new bytes32[](4);
        (words[0], words[1], words[2], words[3]) = (a, b, c, d);
    }

    function expectFault(IRootCourt.Fault kind, address account) internal {
        vm.expectEmit(address(court));
        emit FaultProven(2, account, STRANGER, kind);
        vm.prank(STRANGER);
    }

    function expectNoFault(IRootCourt.Fault kind) internal {
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtNotAFault.selector, 2, kind));
    }

    function isPunished() internal view {
        equal(statusOf(2), uint256(IRootCourt.Status.Rejected), "status");
        equal(token.balanceOf(STRANGER), 1e9 + BOND_WEI / 2, "the prover is paid");
        equal(vault.opensAt(court.epoch(2).root), type(uint256).max, "frozen");
        equal(court.latest(), 1, "back to the parent");
        equal(court.bondedWei(), BOND_WEI, "the bond of epoch 1 alone");
    }

    function badProof(bytes32 word) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IRootCourt.CourtBadProof.selector, 2, word);
    }

    // Regression

    function test_AnAccountThatIsOwedLessThanBeforeIsAFault() public {
        bytes32[] memory words = accuse(sheet(2, 100, 199, 301));
        expectFault(IRootCourt.Fault.Regression, MIDDLE);
        court.proveRegression(2, words.leaf(2), live.leaf(2));
        isPunished();
    }

    function test_AsMuchAsBeforeOrAnotherAccountOrASentinelIsNoRegression() public {
        bytes32[] memory words = accuse(sheet(2, 100, 250, 300));
        expectNoFault(IRootCourt.Fault.Regression);
        court.proveRegression(2, words.leaf(1), live.leaf(1));
        expectNoFault(IRootCourt.Fault.Regression);
        court.proveRegression(2, words.leaf(1), live.leaf(2));
        expectNoFault(IRootCourt.Fault.Regression);
        court.proveRegression(2, words.leaf(4), live.leaf(4));
    }

    function test_ALowSentinelThatFellIsNoRegressionButAMisframing() public {
        bytes32[] memory words = accuse(sheet(0, 100, 250, 300));
        expectNoFault(IRootCourt.Fault.Regression);
        court.proveRegression(2, words.leaf(0), live.leaf(0));
        expectFault(IRootCourt.Fault.Misframing, address(0));
        court.proveMisframing(2, words.leaf(0));
        isPunished();
    }

    function test_ARegressionNeedsBothWordsInTheirRoots() public {
        bytes32[] memory words = accuse(sheet(2, 100, 199, 301));
        IRootCourt.Leaf memory forged = words.leaf(2);
        forged.word = Tree.word(MIDDLE, 1);
        vm.expectRevert(badProof(forged.word));
        court.proveRegression(2, forged, live.leaf(2));
        bytes32[] memory never = sheet(9, 500, 500, 500);
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtOldRootNotLive.selector, never.root()));
        court.proveRegression(2, words.leaf(2), never.leaf(2));
        bytes32 root = words.root();
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtOldRootNotLive.selector, root));
        court.proveRegression(2, words.leaf(2), words.leaf(2)); // a pending root proves nothing
    }

    // Disorder

    function test_NeighboursThatDoNotAscendAreAFault() public {
        bytes32[] memory words = words4(Tree.low(2), Tree.word(HIGHEST, 300), Tree.word(LOWEST, 300), Tree.high());
        accuse(words);
        expectFault(IRootCourt.Fault.Disorder, LOWEST);
        court.proveDisorder(2, words.leaf(1), words.leaf(2));
        isPunished();
    }

    function test_TheSameAccountTwiceIsAFault() public {
        bytes32[] memory words = words4(Tree.low(2), Tree.word(LOWEST, 300), Tree.word(LOWEST, 400), Tree.high());
        accuse(words);
        expectFault(IRootCourt.Fault.Disorder, LOWEST);
        court.proveDisorder(2, words.leaf(1), words.leaf(2));
        isPunished();
    }

    function test_AnOpenEndIsAFault() public {
        bytes32[] memory words = sheet(2, 100, 200, 300);
        words[4] = 0; // no high sentinel
        accuse(words);
        expectFault(IRootCourt.Fault.Disorder, address(0));
        court.proveDisorder(2, words.leaf(3), words.leaf(4));
        isPunished();
    }

    function test_AWordAfterTheEndIsAFault() public {
        bytes32[] memory words = sheet(2, 100, 200, 300);
        words[5] = Tree.word(MIDDLE, 900);
        accuse(words);
        expectFault(IRootCourt.Fault.Disorder, MIDDLE);
        court.proveDisorder(2, words.leaf(4), words.leaf(5));
        isPunished();
    }

    function test_AWordInThePaddingIsAFault() public {
        bytes32[] memory words = sheet(2, 100, 200, 300);
        words[6] = Tree.word(MIDDLE, 900);
        accuse(words);
        expectFault(IRootCourt.Fault.Disorder, MIDDLE);
        court.proveDisorder(2, words.leaf(5), words.leaf(6));
        isPunished();
    }

    function test_NoNeighboursOfAGoodTreeAreADisorder() public {
        bytes32[] memory words = accuse(sheet(2, 100, 200, 301));
        for (uint256 i; i < 7; ++i) {
            expectNoFault(IRootCourt.Fault.Disorder);
            court.proveDisorder(2, words.leaf(i), words.leaf(i + 1));
        }
    }

    function test_OnlyRealNeighboursProveADisorder() public {
        bytes32[] memory words = accuse(sheet(2, 100, 200, 301));
        vm.expectRevert(badProof(words[1]));
        court.proveDisorder(2, words.leaf(3), words.leaf(1));
        IRootCourt.Leaf memory forged = words.leaf(1);
        forged.word = Tree.word(HIGHEST, 1);
        vm.expectRevert(badProof(forged.word));
        court.proveDisorder(2, forged, words.leaf(2));
    }

    // Omission

    function test_AnAccountThatIsMissingIsAFaultAtEitherEndAndBetween() public {
        for (uint256 gone = 1; gone <= 3; ++gone) {
            uint256 number = court.nextEpoch();
            bytes32[] memory words = accuse(
                sheet(number, gone == 1 ? 0 : 500, gone == 2 ? 0 : 600, gone == 3 ? 0 : 700)
            );
            address missing = [LOWEST, MIDDLE, HIGHEST][gone - 1];
            vm.expectEmit(address(court));
            emit FaultProven(number, missing, address(this), IRootCourt.Fault.Omission);
            court.proveOmission(number, words.leaf(gone - 1), words.leaf(gone), live.leaf(gone));
            equal(statusOf(number), uint256(IRootCourt.Status.Rejected), "status");
        }
    }

    function test_AnAccountThatIsThereIsNoOmission() public {
        bytes32[] memory words = accuse(sheet(2, 100, 200, 301));
        for (uint256 i = 1; i <= 3; ++i) {
            expectNoFault(IRootCourt.Fault.Omission);
            court.proveOmission(2, words.leaf(i - 1), words.leaf(i), live.leaf(i));
            expectNoFault(IRootCourt.Fault.Omission);
            court.proveOmission(2, words.leaf(i), words.leaf(i + 1), live.leaf(i));
        }
    }

    function test_ASentinelOrAnEmptyWordIsNotOmitted() public {
        // The high sentinel before its own place, the low one after it, padding.
        bytes32[] memory words = accuse(sheet(2, 200, 200, 300));
        expectNoFault(IRootCourt.Fault.Omission);
        court.proveOmission(2, words.leaf(3), words.leaf(4), live.leaf(4));
        expectNoFault(IRootCourt.Fault.Omission);
        court.proveOmission(2, words.leaf(0), words.leaf(1), live.leaf(0));
        expectNoFault(IRootCourt.Fault.Omission);
        court.proveOmission(2, words.leaf(5), words.leaf(6), live.leaf(2));
    }

    function test_AnAccountThatWasOwedNothingIsNotOmitted() public {
        bytes32[] memory words = words4(Tree.low(2), Tree.word(MIDDLE, 700), Tree.high(), 0);
        propose(words);
        vm.warp(block.timestamp + WINDOW);
        bytes32[] memory zero = words4(Tree.low(3), Tree.word(LOWEST, 0), Tree.word(MIDDLE, 700), Tree.high());
        propose(zero);
        vm.warp(block.timestamp + WINDOW);
        bytes32[] memory without = words4(Tree.low(4), Tree.word(MIDDLE, 701), Tree.high(), 0);
        propose(without);
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtNotAFault.selector, 4, IRootCourt.Fault.Omission));
        court.proveOmission(4, without.leaf(0), without.leaf(1), zero.leaf(1));
    }

    function test_AnOmissionNeedsNeighboursAndALiveRoot() public {
        bytes32[] memory words = accuse(sheet(2, 200, 0, 400));
        vm.expectRevert(badProof(words[3]));
        court.proveOmission(2, words.leaf(1), words.leaf(3), live.leaf(2));
        IRootCourt.Leaf memory forged = words.leaf(1);
        forged.word = 0;
        vm.expectRevert(badProof(0));
        court.proveOmission(2, forged, words.leaf(2), live.leaf(2));
        bytes32[] memory never = sheet(9, 500, 500, 500);
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtOldRootNotLive.selector, never.root()));
        court.proveOmission(2, words.leaf(1), words.leaf(2), never.leaf(2));
    }

    // Excess

    function test_WordsThatSumToMoreThanTheTotalAreAFault() public {
        bytes32[] memory words = sheet(2, 200, 200, 300);
        vm.roll(block.number + 1);
        IRootCourt.Proposal memory proposed = proposal(words);
        proposed.totalWei -= 1;
        vm.prank(PROPOSER);
        court.propose(proposed);
        bytes32[] memory half = words.slice(0, 4);
        expectFault(IRootCourt.Fault.Excess, address(0));
        court.proveExcess(2, half, 0, words.proof(0, 2));
        isPunished();
    }

    function test_WordsWithinTheTotalAreNoExcessWhateverTheSentinelsCarry() public {
        bytes32[] memory words = sheet(2, 200, 200, 300);
        words[0] = Tree.low(type(uint96).max);
        words[4] = Tree.word(address(type(uint160).max), type(uint96).max);
        accuse(words);
        expectNoFault(IRootCourt.Fault.Excess);
        court.proveExcess(2, words, 0, new bytes32[](0));
        bytes32[] memory part = words.slice(2, 2);
        bytes32[] memory proof = words.proof(0, 1);
        bytes32 subroot = part.root();
        vm.expectRevert(badProof(subroot));
        court.proveExcess(2, part, 0, proof);
        vm.expectRevert(abi.encodeWithSelector(MerkleWord.MerkleWordBadIndex.selector, 0, 0));
        court.proveExcess(2, new bytes32[](0), 0, proof);
    }

    // Misframing

    function test_AFirstWordThatIsNotTheLowSentinelIsAFault() public {
        bytes32[] memory words = accuse(sheet(1, 200, 200, 300)); // the number of another epoch
        expectFault(IRootCourt.Fault.Misframing, address(0));
        court.proveMisframing(2, words.leaf(0));
        isPunished();
    }

    function test_ALastPlaceThatIsNeitherEndNorPaddingIsAFault() public {
        bytes32[] memory words = words4(
            Tree.low(2),
            Tree.word(LOWEST, 100),
            Tree.word(MIDDLE, 200),
            Tree.word(HIGHEST, 300)
        );
        accuse(words);
        expectFault(IRootCourt.Fault.Misframing, HIGHEST);
        court.proveMisframing(2, words.leaf(3));
        isPunished();
    }

    function test_AHighSentinelWithAnAmountIsAFault() public {
        bytes32[] memory words = sheet(2, 200, 200, 300);
        words[4] = Tree.word(address(type(uint160).max), 1);
        accuse(words);
        expectFault(IRootCourt.Fault.Misframing, address(type(uint160).max));
        court.proveMisframing(2, words.leaf(4));
        isPunished();
    }

    function test_NoWordOfAGoodTreeIsAMisframingWhetherItEndsInPaddingOrNot() public {
        bytes32[] memory words = accuse(sheet(2, 100, 200, 301));
        for (uint256 i; i < 8; ++i) {
            expectNoFault(IRootCourt.Fault.Misframing);
            court.proveMisframing(2, words.leaf(i));
        }
        IRootCourt.Leaf memory forged = words.leaf(0);
        forged.word = Tree.low(7);
        vm.expectRevert(badProof(forged.word));
        court.proveMisframing(2, forged);
        vm.warp(block.timestamp + WINDOW);
        bytes32[] memory full = words4(Tree.low(3), Tree.word(LOWEST, 300), Tree.word(MIDDLE, 900), Tree.high());
        propose(full);
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtNotAFault.selector, 3, IRootCourt.Fault.Misframing));
        court.proveMisframing(3, full.leaf(3));
    }

    // Unevenness

    function test_WordsAtTwoDepthsAreAFault() public {
        // A leaf where a node should be: its sibling is a tree of two.
        bytes32[] memory two = new bytes32[](2);
        (two[0], two[1]) = (Tree.low(2), Tree.word(LOWEST, 100));
        bytes32 alone = Tree.word(MIDDLE, 600);
        bytes32 aloneLeaf = keccak256(abi.encode(alone));
        vm.roll(block.number + 1);
        IRootCourt.Proposal memory proposed = proposal(two);
        proposed.root = keccak256(abi.encode(two.root(), aloneLeaf));
        proposed.totalWei = 700;
        vm.prank(PROPOSER);
        court.propose(proposed);

        IRootCourt.Leaf memory deep = IRootCourt.Leaf(two[0], 0, new bytes32[](2));
        deep.proof[0] = keccak256(abi.encode(two[1]));
        deep.proof[1] = aloneLeaf;
        IRootCourt.Leaf memory shallow = IRootCourt.Leaf(alone, 1, new bytes32[](1));
        shallow.proof[0] = two.root();
        expectNoFault(IRootCourt.Fault.Unevenness);
        court.proveUnevenness(2, deep, deep);
        expectFault(IRootCourt.Fault.Unevenness, MIDDLE);
        court.proveUnevenness(2, deep, shallow);
        isPunished();
    }

    function test_UnevennessNeedsBothWordsInTheTree() public {
        bytes32[] memory words = accuse(sheet(2, 100, 200, 301));
        IRootCourt.Leaf memory forged = IRootCourt.Leaf(words[1], 0, new bytes32[](1));
        vm.expectRevert(badProof(words[1]));
        court.proveUnevenness(2, words.leaf(1), forged);
        vm.expectRevert(badProof(words[1]));
        court.proveUnevenness(2, forged, words.leaf(1));
    }

    // When, and for whom

    function test_AFaultOfAChallengedRootPaysTheChallenger() public {
        bytes32[] memory words = accuse(sheet(2, 100, 199, 301));
        challenge(2);
        vm.prank(STRANGER);
        court.proveRegression(2, words.leaf(2), live.leaf(2));
        equal(token.balanceOf(CHALLENGER), 1e9 + BOND_WEI / 2, "challenger");
        equal(token.balanceOf(STRANGER), 1e9, "the prover helped");
        equal(court.bondedWei(), BOND_WEI, "the bond of epoch 1 alone");
    }

    function test_NoFaultTakesALiveRejectedOrUnknownRootBack() public {
        bytes32[] memory words = accuse(sheet(2, 100, 199, 301));
        vm.warp(block.timestamp + WINDOW);
        refusedEverywhere(2, words, abi.encodeWithSelector(IRootCourt.CourtRootLive.selector, 2));
        words = sheet(3, 100, 198, 302);
        propose(words);
        court.proveRegression(3, words.leaf(2), live.leaf(2));
        refusedEverywhere(3, words, wrongStatus(3, IRootCourt.Status.Rejected));
        refusedEverywhere(4, words, abi.encodeWithSelector(IRootCourt.CourtUnknownEpoch.selector, 4));
        refusedEverywhere(0, words, abi.encodeWithSelector(IRootCourt.CourtUnknownEpoch.selector, 0));
    }

    function refusedEverywhere(uint256 number, bytes32[] memory words, bytes memory reason) internal {
        IRootCourt.Leaf memory leaf = words.leaf(2);
        IRootCourt.Leaf memory next = words.leaf(3);
        IRootCourt.Leaf memory old = live.leaf(2);
        bytes32[] memory none;
        vm.expectRevert(reason);
        court.proveRegression(number, leaf, old);
        vm.expectRevert(reason);
        court.proveDisorder(number, leaf, next);
        vm.expectRevert(reason);
        court.proveOmission(number, leaf, next, old);
        vm.expectRevert(reason);
        court.proveExcess(number, words, 0, none);
        vm.expectRevert(reason);
        court.proveMisframing(number, leaf);
        vm.expectRevert(reason);
        court.proveUnevenness(number, leaf, next);
    }
}
