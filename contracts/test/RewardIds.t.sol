// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRewardDistributor} from "../rewards/IRewardDistributor.sol";
import {IRootCourt} from "../rewards/IRootCourt.sol";
import {Sheets} from "./support/Sheets.sol";
import {Tree} from "./support/Tree.sol";

/// Accounts that stand in the tree under an id. Epoch 1 is live and knows addresses only: 100, 200 and 300.
contract RewardIdsTest is Sheets {
    using Tree for bytes32[];

    event Registered(uint256 indexed id, address indexed account);
    event SubtreeCredited(bytes32 indexed root, uint256 index, bytes32[] words);
    event Claimed(address indexed account, address to, uint256 amountWei, uint256 cumulativeWei);
    event FaultProven(uint256 indexed epoch, address indexed account, address indexed prover, IRootCourt.Fault kind);

    bytes32[] internal first;

    function setUp() public override {
        super.setUp();
        first = openFirst();
    }

    function register(address account) internal returns (uint256) {
        vm.prank(account);
        return vault.register();
    }

    /// Words of ids 1 to 3 and of the highest address.
    function ided(
        uint256 number,
        uint96 one,
        uint96 two,
        uint96 three,
        uint96 high
    ) internal pure returns (bytes32[] memory) {
        address[] memory accounts = new address[](4);
        uint256[] memory amounts = new uint256[](4);
        (accounts[0], accounts[1], accounts[2], accounts[3]) = (address(1), address(2), address(3), HIGHEST);
        (amounts[0], amounts[1], amounts[2], amounts[3]) = (one, two, three, high);
        return Tree.sheet(number, accounts, amounts);
    }

    function openNext(bytes32[] memory words) internal {
        propose(words);
        vm.warp(block.timestamp + WINDOW);
    }

    function credit(bytes32[] memory words) internal {
        vault.creditSubtree(words, 0, new bytes32[](0));
    }

    // Ids

    function test_IdsAscendFromOneAndStayWithTheirAccount() public {
        vm.expectEmit(address(vault));
        emit Registered(1, LOWEST);
        equal(register(LOWEST), 1, "first");
        equal(register(MIDDLE), 2, "second");
        equal(vault.idOf(LOWEST), 1, "by account");
        equal(vault.holderOf(2), MIDDLE, "by id");
        equal(vault.lastId(), 2, "last");
        vm.prank(LOWEST);
        vm.expectRevert(abi.encodeWithSelector(IRewardDistributor.DistributorRegistered.selector, LOWEST, 1));
        vault.register();
        equal(vault.idOf(STRANGER), 0, "none");
        equal(vault.holderOf(3), address(0), "nobody");
    }

    // Credits

    /// Credits lie in order of id, so a number too great would name another variable's place: here, that of accounts' ids.
    function test_NoNumberAboveTheIdsHasCredits() public {
        for (uint160 i = 1; i <= 8; ++i) {
            address account = address((i << 32) + 1);
            register(account);
            uint256 place = uint256(keccak256(abi.encode(account, 2)));
            if (place >> 255 == 0) equal(vault.creditedOf((place - 6) << 1), 0, "the third variable, from the seventh");
        }
    }

    function test_ASubtreeIsCreditedAndEachHolderCollectsOnce() public {
        (uint256 one, uint256 two) = (register(LOWEST), register(MIDDLE));
        bytes32[] memory words = ided(2, 150, 250, 9, 300);
        openNext(words);
        vm.expectEmit(address(vault));
        emit SubtreeCredited(words.root(), 0, words);
        credit(words);
        equal(vault.creditedOf(one), 150, "one");
        equal(vault.creditedOf(two), 250, "two");
        equal(vault.creditedOf(3), 9, "of an id that nobody has yet");
        equal(vault.creditedOf(0), 0, "the low sentinel's number is no money");
        equal(token.balanceOf(LOWEST), 0, "a credit is no payment");
        vm.expectEmit(address(vault));
        emit Claimed(LOWEST, LOWEST, 150, 150);
        vm.prank(STRANGER);
        equal(vault.collect(one), 150, "collected");
        equal(token.balanceOf(LOWEST), 150, "paid");
        vm.expectRevert(
            abi.encodeWithSelector(IRewardDistributor.DistributorNothingToClaim.selector, LOWEST, 150, 150)
        );
        vault.collect(one);
        vm.expectRevert(abi.encodeWithSelector(IRewardDistributor.DistributorUnknownId.selector, 3));
        vault.collect(3);
        equal(vault.collect(two), 250, "two");
    }

    function test_WhatWasClaimedByAddressIsNotCollectedAgain() public {
        vault.claim(first[1], 1, first.proof(1));
        register(LOWEST);
        bytes32[] memory words = ided(2, 150, 200, 0, 300);
        openNext(words);
        credit(words);
        equal(vault.collect(1), 50, "what is new");
        vm.expectRevert(
            abi.encodeWithSelector(IRewardDistributor.DistributorNothingToClaim.selector, LOWEST, 100, 150)
        );
        vault.claim(first[1], 1, first.proof(1));
    }

    function test_AnOlderWordLowersNoCredit() public {
        register(LOWEST);
        register(MIDDLE);
        bytes32[] memory older = ided(2, 150, 250, 0, 300);
        openNext(older);
        bytes32[] memory newer = ided(3, 150, 260, 7, 300);
        openNext(newer);
        credit(newer);
        credit(older);
        equal(vault.creditedOf(2), 260, "two");
        equal(vault.creditedOf(3), 7, "three, which shares its slot");
        equal(vault.creditedOf(1), 150, "one");
    }

    /// Every id of a subtree that begins anywhere, with neighbours that share its slot or not.
    function testFuzz_CreditsAreWhatTheWordsSay(uint96[6] memory amounts, uint96[6] memory more, uint32 start) public {
        start = uint32(bound(start, 1, type(uint32).max - 6));
        address[] memory accounts = new address[](6);
        uint256[] memory low = new uint256[](6);
        uint256[] memory high = new uint256[](6);
        uint128 sumWei;
        for (uint256 i; i < 6; ++i) {
            accounts[i] = address(uint160(start + i));
            low[i] = bound(amounts[i], 0, 1e20);
            high[i] = bound(more[i], 0, 1e20);
            sumWei += uint128(low[i] + high[i]);
        }
        bytes32[] memory lower = Tree.sheet(2, accounts, low);
        openNext(lower);
        bytes32[] memory higher = Tree.sheet(3, accounts, high);
        IRootCourt.Proposal memory proposed = proposal(higher);
        proposed.toBlock = uint64(block.number);
        proposed.totalWei = sumWei;
        vm.roll(block.number + 1);
        vm.prank(PROPOSER);
        court.propose(proposed);
        vm.warp(block.timestamp + WINDOW);
        credit(lower);
        credit(higher);
        for (uint256 i; i < 6; ++i) {
            equal(vault.creditedOf(start + i), low[i] > high[i] ? low[i] : high[i], "credited");
        }
        equal(vault.creditedOf(start - 1), 0, "before");
        equal(vault.creditedOf(start + 6), 0, "after");
    }

    function test_OnlyALiveRootCredits() public {
        bytes32[] memory words = ided(2, 150, 200, 0, 300);
        propose(words);
        vm.expectRevert(
            abi.encodeWithSelector(
                IRewardDistributor.DistributorRootNotLive.selector,
                words.root(),
                vault.opensAt(words.root())
            )
        );
        credit(words);
    }

    // Paying by an id's word

    function test_AWordThatNamesAnIdPaysItsHolder() public {
        register(LOWEST);
        bytes32[] memory words = ided(2, 150, 250, 0, 300);
        openNext(words);
        equal(vault.claim(words[1], 1, words.proof(1)), 150, "paid");
        equal(token.balanceOf(LOWEST), 150, "to the holder");
        equal(vault.claimedOf(LOWEST), 150, "booked to the holder");
        bytes32[] memory proof = words.proof(2);
        vm.expectRevert(abi.encodeWithSelector(IRewardDistributor.DistributorNobodys.selector, words[2]));
        vault.claim(words[2], 2, proof);
        equal(vault.claimSubtree(words, 0, new bytes32[](0)), 1, "an id of nobody is passed over, the address is paid");
        equal(token.balanceOf(HIGHEST), 300, "the address");
    }

    function test_TheGreatestIdIsNoAddressAndTheNextNumberIs() public {
        address[] memory accounts = new address[](2);
        uint256[] memory amounts = new uint256[](2);
        (accounts[0], accounts[1]) = (address(uint160(type(uint32).max)), address(uint160(type(uint32).max) + 1));
        (amounts[0], amounts[1]) = (5, 600);
        bytes32[] memory words = Tree.sheet(2, accounts, amounts);
        openNext(words);
        credit(words);
        equal(vault.creditedOf(type(uint32).max), 5, "an id");
        equal(vault.creditedOf(uint256(type(uint32).max) + 1), 0, "an address");
        equal(vault.claim(words[2], 2, words.proof(2)), 600, "an address is paid");
    }

    // What the court makes of ids

    function expectFault(IRootCourt.Fault kind) internal {
        vm.expectEmit(address(court));
        emit FaultProven(court.latest(), MIDDLE, STRANGER, kind);
        vm.prank(STRANGER);
    }

    function noFault(IRootCourt.Fault kind) internal {
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtNotAFault.selector, court.latest(), kind));
    }

    function test_AnIdThatIsOwedLessThanItsHolderWasIsAFault() public {
        register(LOWEST);
        register(MIDDLE);
        bytes32[] memory words = ided(2, 100, 199, 0, 301);
        propose(words);
        noFault(IRootCourt.Fault.Regression);
        court.proveRegression(2, words.leaf(1), first.leaf(2)); // another account's
        expectFault(IRootCourt.Fault.Regression);
        court.proveRegression(2, words.leaf(2), first.leaf(2));
    }

    function test_AWordOfAnIdThatNobodyHasIsNoRegression() public {
        bytes32[] memory words = ided(2, 100, 200, 9, 300);
        openNext(words);
        bytes32[] memory later = ided(3, 100, 200, 8, 301);
        propose(later);
        noFault(IRootCourt.Fault.Regression);
        court.proveRegression(3, later.leaf(3), words.leaf(3));
    }

    function test_AnAccountThatMovedToItsIdIsNotOmitted() public {
        register(LOWEST);
        register(MIDDLE);
        bytes32[] memory words = ided(2, 100, 200, 0, 300);
        propose(words);
        noFault(IRootCourt.Fault.Omission);
        court.proveOmission(2, words.leaf(3), words.leaf(4), first.leaf(2));
        noFault(IRootCourt.Fault.Omission);
        court.proveOmissionOfHolder(2, [words.leaf(3), words.leaf(4)], [words.leaf(1), words.leaf(2)], first.leaf(2));
    }

    function test_AnAccountMissingUnderAddressAndIdIsAFault() public {
        register(LOWEST);
        register(MIDDLE);
        bytes32[] memory words = sheet(2, 100, 0, 500); // MIDDLE stands nowhere
        propose(words);
        IRootCourt.Leaf[2] memory around = [words.leaf(1), words.leaf(2)];
        IRootCourt.Leaf[2] memory aroundId = [words.leaf(0), words.leaf(1)];
        noFault(IRootCourt.Fault.Omission);
        court.proveOmissionOfHolder(2, aroundId, aroundId, first.leaf(2));
        noFault(IRootCourt.Fault.Omission);
        court.proveOmissionOfHolder(2, around, around, first.leaf(2));
        bytes32 root = Tree.root(sheet(7, 1, 2, 3));
        vm.expectRevert(abi.encodeWithSelector(IRootCourt.CourtOldRootNotLive.selector, root));
        court.proveOmissionOfHolder(2, around, aroundId, Tree.leaf(sheet(7, 1, 2, 3), 2));
        expectFault(IRootCourt.Fault.Omission);
        court.proveOmissionOfHolder(2, around, aroundId, first.leaf(2));
    }

    function test_AnAccountWithoutIdIsNotOmittedAsAHolder() public {
        bytes32[] memory words = sheet(2, 100, 0, 500);
        propose(words);
        noFault(IRootCourt.Fault.Omission);
        court.proveOmissionOfHolder(2, [words.leaf(1), words.leaf(2)], [words.leaf(0), words.leaf(1)], first.leaf(2));
    }

    function test_AnIdThatStoodInALiveRootMustStay() public {
        register(LOWEST);
        register(MIDDLE);
        bytes32[] memory words = ided(2, 100, 200, 0, 300);
        openNext(words);
        bytes32[] memory later = sheet(3, 100, 200, 300); // back to addresses
        propose(later);
        IRootCourt.Leaf memory old = words.leaf(2);
        expectFault(IRootCourt.Fault.Omission);
        court.proveOmission(3, later.leaf(0), later.leaf(1), old);
    }

    function test_AnAccountThatWasOwedNothingIsNotOmittedAsAHolder() public {
        register(LOWEST);
        bytes32[] memory words = ided(2, 0, 0, 0, 600);
        openNext(words);
        bytes32[] memory later = sheet(3, 0, 0, 600);
        propose(later);
        noFault(IRootCourt.Fault.Omission);
        court.proveOmissionOfHolder(3, [later.leaf(0), later.leaf(1)], [later.leaf(0), later.leaf(1)], words.leaf(1));
    }
}
