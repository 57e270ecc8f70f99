// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IRewardDistributor} from "../rewards/IRewardDistributor.sol";
import {MerkleWord} from "../rewards/MerkleWord.sol";
import {Economy} from "./support/Economy.sol";
import {Tree} from "./support/Tree.sol";

/// The vault by itself, with this contract as its court.
contract RewardDistributorTest is Economy {
    using Tree for bytes32[];

    event Claimed(address indexed account, address to, uint256 amountWei, uint256 cumulativeWei);

    address[] internal accounts;
    uint256[] internal amounts;
    bytes32[] internal words;

    function setUp() public override {
        super.setUp();
        vault = IRewardDistributor(deployed("RewardDistributor", abi.encode(token, address(this), WINDOW)));
        token.approve(address(vault), type(uint256).max);
        vault.fund(1e24, "test");
        for (uint160 i = 1; i <= 5; ++i) {
            accounts.push(address(i * 0x1000_00000000));
            amounts.push(i * 100);
        }
        words = Tree.sheet(1, accounts, amounts);
    }

    /// Schedules a sheet and lets its window pass.
    function open(bytes32[] memory sheet) internal {
        vault.schedule(sheet.root());
        vm.warp(block.timestamp + WINDOW);
    }

    function claim(uint256 index) internal returns (uint256) {
        return vault.claim(words[index], index, words.proof(index));
    }

    function notLive(bytes32 root, uint256 opensAt) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IRewardDistributor.DistributorRootNotLive.selector, root, opensAt);
    }

    // The vault

    function test_AVaultWithoutTokenCourtOrWindowIsRefused() public {
        for (uint256 missing; missing < 3; ++missing) {
            vm.expectRevert(IRewardDistributor.DistributorUnset.selector);
            this.deployWithout(missing);
        }
    }

    function deployWithout(uint256 missing) external {
        address token_ = missing == 0 ? address(0) : address(token);
        address court_ = missing == 1 ? address(0) : address(this);
        deployed("RewardDistributor", abi.encode(token_, court_, missing == 2 ? 0 : WINDOW));
    }

    function test_FundingCountsWhatArrived() public {
        vault.fund(5, "more");
        equal(vault.funded(), 1e24 + 5, "counted");
        equal(token.balanceOf(address(vault)), 1e24 + 5, "held");
        token.transfer(address(vault), 9);
        equal(vault.funded(), 1e24 + 5, "a gift is no funding: no root may count on it");
        vm.expectRevert(IRewardDistributor.DistributorZeroAmount.selector);
        vault.fund(0, "none");
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(vault), 0, 1));
        vault.fund(1, "none");
    }

    // Roots

    function test_OnlyTheCourtSchedulesAndFreezes() public {
        vm.startPrank(STRANGER);
        bytes memory reason = abi.encodeWithSelector(IRewardDistributor.DistributorNotCourt.selector, STRANGER);
        vm.expectRevert(reason);
        vault.schedule("root");
        vm.expectRevert(reason);
        vault.freeze("root");
        vm.stopPrank();
    }

    function test_ARootIsScheduledOnceUnlessItWasFrozen() public {
        vm.expectRevert(IRewardDistributor.DistributorZeroRoot.selector);
        vault.schedule(0);
        uint256 opensAt = vault.schedule("root");
        equal(opensAt, block.timestamp + WINDOW, "time");
        bytes memory reason = abi.encodeWithSelector(
            IRewardDistributor.DistributorRootScheduled.selector,
            bytes32("root"),
            opensAt
        );
        vm.expectRevert(reason);
        vault.schedule("root");
        vm.warp(opensAt);
        vm.expectRevert(reason);
        vault.schedule("root");
        vault.schedule("other");
        vault.freeze("other");
        equal(vault.schedule("other"), opensAt + WINDOW, "a frozen root gets a full window");
    }

    function test_OnlyAPendingRootIsFrozen() public {
        vm.expectRevert(
            abi.encodeWithSelector(IRewardDistributor.DistributorRootNotPending.selector, bytes32("root"), 0)
        );
        vault.freeze("root");
        uint256 opensAt = vault.schedule("root");
        vault.schedule("other");
        vm.warp(opensAt - 1);
        vault.freeze("other");
        vm.expectRevert(
            abi.encodeWithSelector(
                IRewardDistributor.DistributorRootNotPending.selector,
                bytes32("other"),
                type(uint256).max
            )
        );
        vault.freeze("other");
        vm.warp(opensAt);
        require(vault.isLive("root"), "live from the second on that was announced");
        vm.expectRevert(
            abi.encodeWithSelector(IRewardDistributor.DistributorRootNotPending.selector, bytes32("root"), opensAt)
        );
        vault.freeze("root");
    }

    // Claims

    function test_EveryAccountIsPaidWhatItsWordSaysByAnybody() public {
        open(words);
        for (uint256 i; i < 5; ++i) {
            vm.expectEmit(address(vault));
            emit Claimed(accounts[i], accounts[i], amounts[i], amounts[i]);
            vm.prank(STRANGER);
            equal(claim(i + 1), amounts[i], "paid");
            equal(token.balanceOf(accounts[i]), amounts[i], "arrived");
            equal(vault.claimedOf(accounts[i]), amounts[i], "remembered");
        }
    }

    function test_ALaterRootPaysTheDifferenceAndAnOlderOneNothingMore() public {
        open(words);
        claim(1);
        bytes32[] memory old = words;
        amounts[0] = 170;
        amounts[1] = 260;
        words = Tree.sheet(2, accounts, amounts);
        open(words);
        equal(claim(1), 70, "the difference");
        equal(claim(2), 260, "all at once by the later root");
        vm.expectRevert(
            abi.encodeWithSelector(IRewardDistributor.DistributorNothingToClaim.selector, accounts[1], 200, 260)
        );
        vault.claim(old[2], 2, old.proof(2));
        equal(vault.claim(old[3], 3, old.proof(3)), 300, "an older proof is still good for who did not claim");
        equal(claim(4), 400, "the rest");
    }

    function test_NothingIsPaidTwice() public {
        open(words);
        claim(2);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardDistributor.DistributorNothingToClaim.selector, accounts[1], 200, 200)
        );
        claim(2);
    }

    function test_NoUnknownPendingOrFrozenRootPays() public {
        bytes32 root = words.root();
        bytes32[] memory proof = words.proof(1);
        vm.expectRevert(notLive(root, 0));
        vault.claim(words[1], 1, proof);
        uint256 opensAt = vault.schedule(root);
        vm.warp(opensAt - 1);
        vm.expectRevert(notLive(root, opensAt));
        vault.claim(words[1], 1, proof);
        vault.freeze(root);
        vm.warp(opensAt + 365 days);
        vm.expectRevert(notLive(root, type(uint256).max));
        vault.claim(words[1], 1, proof);
        vm.expectRevert(notLive(root, type(uint256).max));
        vault.claimSubtree(words, 0, new bytes32[](0));
    }

    function testFuzz_NoForgedClaimPays(uint256 index, uint96 more, uint256 bit, uint8 way) public {
        open(words);
        index = bound(index, 1, 5);
        bytes32 word = words[index];
        uint256 place = index;
        bytes32[] memory proof = words.proof(index);
        way %= 4;
        if (way == 0) word = Tree.word(accounts[index - 1], amounts[index - 1] + bound(more, 1, 1e20));
        if (way == 1) word = Tree.word(address(uint160(bound(bit, 1, type(uint160).max - 1))), 1 + (more % 1e20));
        if (way == 2) place ^= 1 << (bit % 8); // wrong index, inside the tree or above it
        if (way == 3) proof[bit % 3] ^= bytes32(1 << (bit % 256));
        try vault.claim(word, place, proof) {
            revert("a forged claim was paid");
        } catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            require(
                selector == IRewardDistributor.DistributorRootNotLive.selector ||
                    selector == MerkleWord.MerkleWordBadIndex.selector,
                "refused for another reason"
            );
        }
    }

    function test_AnIndexAboveTheTreeIsNoSecondNameOfALeaf() public {
        open(words);
        bytes32[] memory proof = words.proof(1);
        vm.expectRevert(abi.encodeWithSelector(MerkleWord.MerkleWordBadIndex.selector, 1 + 8, 3));
        vault.claim(words[1], 1 + 8, proof);
        vm.expectRevert(abi.encodeWithSelector(MerkleWord.MerkleWordBadIndex.selector, 1, 0));
        vault.claimSubtree(words, 1, new bytes32[](0));
    }

    function test_ANodeIsNoLeaf() public {
        open(words);
        bytes32 node = words.levels(1)[1];
        bytes32[] memory proof = words.proof(1, 1);
        vm.expectRevert(notLive(climbed(node, proof), 0));
        vault.claim(node, 1, proof);
    }

    /// The root that a node at index 1 yields if it is taken for a word.
    function climbed(bytes32 word, bytes32[] memory proof) internal pure returns (bytes32) {
        bytes32 hash = keccak256(abi.encode(proof[0], keccak256(abi.encode(word))));
        return keccak256(abi.encode(hash, proof[1]));
    }

    function test_SentinelsAndPaddingNeverPay() public {
        words[0] = Tree.low(1e18); // an epoch number worth an OPEN
        words[6] = Tree.word(address(type(uint160).max), 1e18); // a high sentinel with an amount
        open(words);
        uint256[3] memory indices = [uint256(0), 6, 7];
        for (uint256 i; i < 3; ++i) {
            bytes32[] memory proof = words.proof(indices[i]);
            vm.expectRevert(abi.encodeWithSelector(IRewardDistributor.DistributorNobodys.selector, words[indices[i]]));
            vault.claim(words[indices[i]], indices[i], proof);
        }
        equal(vault.claimSubtree(words, 0, new bytes32[](0)), 5, "only the five accounts");
        equal(token.balanceOf(address(vault)), 1e24 - 1_500, "nothing for sentinels");
    }

    // Subtrees

    function testFuzz_ASubtreePaysWhatItsWordsPayOneByOne(uint256 level, uint256 position, uint256 before) public {
        open(words);
        level = bound(level, 0, 3);
        uint256 width = 1 << level;
        position = bound(position, 0, 8 / width - 1);
        before = bound(before, 1, 5);
        claim(before); // somebody who is passed over
        uint256 expectedWei;
        uint256 expected;
        for (uint256 i = position * width; i < (position + 1) * width; ++i) {
            if (i == 0 || i > 5 || i == before) continue;
            expectedWei += amounts[i - 1];
            ++expected;
        }
        uint256 heldWei = token.balanceOf(address(vault));
        bytes32[] memory part = words.slice(position * width, width);
        equal(vault.claimSubtree(part, position, words.proof(position, level)), expected, "accounts paid");
        equal(heldWei - token.balanceOf(address(vault)), expectedWei, "wei paid");
    }

    function test_ASubtreeIsOfAPowerOfTwoOfTheTreesWords() public {
        open(words);
        bytes32[] memory proof = words.proof(0, 1);
        vm.expectRevert(abi.encodeWithSelector(MerkleWord.MerkleWordBadIndex.selector, 0, 0));
        vault.claimSubtree(new bytes32[](0), 0, proof);
        bytes32[] memory three = words.slice(0, 3);
        vm.expectRevert(abi.encodeWithSelector(MerkleWord.MerkleWordBadIndex.selector, 0, 3));
        vault.claimSubtree(three, 0, proof);
        bytes32[] memory two = words.slice(2, 2);
        vm.expectRevert();
        vault.claimSubtree(two, 0, proof);
    }

    // Recipients

    function test_AnAccountSendsItsPayoutsElsewhereAndBack() public {
        open(words);
        vm.prank(accounts[0]);
        vault.setRecipient(STRANGER);
        equal(vault.recipientOf(accounts[0]), STRANGER, "set");
        claim(1);
        equal(token.balanceOf(STRANGER), 100, "redirected");
        equal(vault.claimedOf(accounts[0]), 100, "counted for the account");
        amounts[0] = 120;
        words = Tree.sheet(2, accounts, amounts);
        open(words);
        claim(1);
        equal(token.balanceOf(STRANGER), 120, "redirected again");
        amounts[0] = 170;
        words = Tree.sheet(3, accounts, amounts);
        open(words);
        vm.prank(accounts[0]);
        vault.setRecipient(address(0));
        equal(vault.claimedOf(accounts[0]), 120, "the count survives");
        claim(1);
        equal(token.balanceOf(accounts[0]), 50, "to itself again");
        vm.expectRevert(IRewardDistributor.DistributorRecipientIsVault.selector);
        vault.setRecipient(address(vault));
    }
}
