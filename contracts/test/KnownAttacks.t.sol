// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IInferenceEscrow} from "../payments/IInferenceEscrow.sol";
import {IRewardDrip} from "../rewards/IRewardDrip.sol";
import {IRewardDistributor} from "../rewards/IRewardDistributor.sol";
import {Draft, Payers} from "./support/Payers.sol";
import {Tree} from "./support/Tree.sol";

/// A payer with code that, asked whether it signed, calls the escrow again.
contract CallingPayer is IERC1271 {
    IInferenceEscrow internal immutable ESCROW;

    constructor(IInferenceEscrow escrow) {
        ESCROW = escrow;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        // Asked by a static call: whatever it calls may change nothing, and a call that would fails with it.
        (bool done, ) = address(ESCROW).staticcall(abi.encodeCall(IInferenceEscrow.withdraw, (address(this))));
        return done ? bytes4(0) : IERC1271.isValidSignature.selector;
    }

    function thaw(uint128 amountWei) external {
        ESCROW.thaw(amountWei);
    }
}

/// Attacks that have emptied contracts like these. Those that other files try are listed in SECURITY.md.
contract KnownAttacksTest is Payers {
    using Tree for bytes32[];

    address internal constant ANN = address(0xA11_00000000);
    address internal constant BEN = address(0xBE7_00000000);

    // Reentrancy

    function test_APayerThatCallsBackWhileItIsAskedToSignGainsNothing() public {
        CallingPayer caller = new CallingPayer(escrow);
        payer = address(caller);
        escrow.deposit(payer, 100);
        caller.thaw(100);
        vm.warp(block.timestamp + THAW);
        IInferenceEscrow.Voucher memory signed = voucher(adapter, 60);
        settle(paid(signed, 60, PAYER_KEY), 60);
        (uint256 balanceWei, uint256 thawingWei) = escrow.accountOf(payer);
        equal(balanceWei, 40, "charged once");
        equal(thawingWei, 40, "nothing left while it was asked");
        equal(token.balanceOf(payer), 0, "nothing withdrawn");
    }

    // Fee on transfer

    /// The contracts book what they ask for, so they are right exactly as long as OPEN delivers it whole. They take nothing else.
    function testFuzz_OpenArrivesWhole(uint256 amountWei) public {
        amountWei = bound(amountWei, 1, 1e26);
        token.transfer(ANN, amountWei);
        equal(token.balanceOf(ANN), amountWei, "by transfer");
        vm.prank(ANN);
        token.approve(address(this), amountWei);
        token.transferFrom(ANN, BEN, amountWei);
        equal(token.balanceOf(BEN), amountWei, "by transferFrom");
        equal(token.balanceOf(ANN), 0, "and leaves whole");
    }

    // Donation

    function test_AGiftToAnyVaultIsNobodysAndChangesNoBook() public {
        IRewardDrip drip = IRewardDrip(
            deployed(
                "ERC1967Proxy",
                abi.encode(
                    deployed("RewardDrip", abi.encode(token, vault)),
                    abi.encodeCall(IRewardDrip.initialize, (GOVERNOR, GUARDIAN, 10, 10))
                )
            )
        );
        uint256 owed = owedWei();
        address[4] memory vaults = [address(escrow), address(vault), address(court), address(drip)];
        for (uint256 i; i < 4; ++i) token.transfer(vaults[i], 1_000);
        equal(owedWei(), owed, "escrow");
        equal(vault.funded(), 0, "vault: no root may promise it");
        equal(court.bondedWei(), 0, "court");
        equal(drip.waitingWei(), 1_000, "the drip alone passes gifts on, to the vault");
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IInferenceEscrow.EscrowNothingEarned.selector, payer));
        escrow.withdrawEarned(payer);
    }

    // Root races

    /// Two live roots and every order of claims: each account gets the most that either grants, once.
    function test_NoOrderOfClaimsByTwoRootsPaysMoreOrLess() public {
        for (uint256 order; order < 4; ++order) {
            IRewardDistributor raced = IRewardDistributor(
                deployed("RewardDistributor", abi.encode(token, address(this), WINDOW))
            );
            token.approve(address(raced), 1_000);
            raced.fund(1_000, "race");
            bytes32[] memory older = sheetOf(1, 100, 300);
            bytes32[] memory newer = sheetOf(2, 150, 300);
            raced.schedule(older.root());
            raced.schedule(newer.root()); // both open in the same second
            vm.warp(block.timestamp + WINDOW);
            uint256 beforeWei = token.balanceOf(ANN);
            if (order & 1 == 0) raced.claim(older[1], 1, older.proof(1));
            raced.claim(newer[1], 1, newer.proof(1));
            if (order & 2 == 0) {
                bytes32[] memory proof = older.proof(1);
                vm.expectRevert(
                    abi.encodeWithSelector(IRewardDistributor.DistributorNothingToClaim.selector, ANN, 100, 150)
                );
                raced.claim(older[1], 1, proof);
            }
            raced.claimSubtree(older, 0, new bytes32[](0));
            raced.claimSubtree(newer, 0, new bytes32[](0));
            equal(token.balanceOf(ANN) - beforeWei, 150, "the most that either grants");
            equal(raced.claimedOf(BEN), 300, "once");
        }
    }

    function sheetOf(uint256 number, uint256 annWei, uint256 benWei) internal pure returns (bytes32[] memory) {
        address[] memory accounts = new address[](2);
        uint256[] memory amounts = new uint256[](2);
        (accounts[0], accounts[1], amounts[0], amounts[1]) = (ANN, BEN, annWei, benWei);
        return Tree.sheet(number, accounts, amounts);
    }

    // Rounding

    /// Whoever cuts a payment into crumbs moves rounding to contributors, never away from them, and loses nothing himself.
    function testFuzz_CrumbsRoundTowardsContributors(uint8 pieces, uint64 pieceWei) public {
        pieces = uint8(bound(pieces, 2, 12));
        pieceWei = uint64(bound(pieceWei, 1, 1e6));
        uint128 spentWei;
        for (uint256 i; i < pieces; ++i) {
            spentWei += pieceWei;
            settle(paid(adapter, spentWei), pieceWei);
        }
        uint256 inCrumbsWei = escrow.contributorsPoolWei();
        uint256 rateWei = (uint256(spentWei) * 450_000) / 1e6;
        require(inCrumbsWei >= rateWei, "never less than the rate says");
        require(inCrumbsWei <= rateWei + 1 + uint256(pieces) * 4, "crumbs are crumbs");
        equal(owedWei(), DEPOSIT_WEI, "nothing lost, nothing made");
    }

    // A batch that lies about who is paid

    function test_ASettlementCannotBeMovedToAnotherModelsGroup() public {
        Draft[] memory list = paid(adapter, 10);
        IInferenceEscrow.ModelSettlements[] memory models = grouped(list);
        models[0].modelId = base;
        IInferenceEscrow.ReceiptBatch memory batch = receipts(10);
        vm.prank(NODE);
        try escrow.settle(models, batch) {
            revert("a voucher was settled for another model");
        } catch (bytes memory reason) {
            equal(bytes32(bytes4(reason)), bytes32(IInferenceEscrow.EscrowBadSignature.selector), "reason");
        }
    }

    function test_TheEscrowTakesNoTokenButOpen() public view {
        (bool done, bytes memory answer) = address(escrow).staticcall(abi.encodeWithSignature("TOKEN()"));
        require(done && abi.decode(answer, (address)) == address(token), "its only token");
    }
}
