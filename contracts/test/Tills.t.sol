// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IInferenceEscrow} from "../payments/IInferenceEscrow.sol";
import {ITill} from "../payments/ITill.sol";
import {ITills} from "../payments/ITills.sol";
import {IOpenToken} from "../token/IOpenToken.sol";
import {Draft, Wallet} from "./support/Payers.sol";
import {SignatureTransfer} from "./support/SignatureTransfer.sol";
import {TillKeepers} from "./support/TillKeepers.sol";

interface ITillsCode {
    function IMPLEMENTATION() external view returns (address);
}

contract TillsTest is TillKeepers {
    // Addresses

    function test_TheAddressIsKnownBeforeTheTillIs() public {
        equal(till.code.length, 0, "not deployed");
        address predicted = Clones.predictDeterministicAddressWithImmutableArgs(
            ITillsCode(address(tills)).IMPLEMENTATION(),
            abi.encode(keeper, adapter),
            0,
            address(tills)
        );
        equal(till, predicted, "CREATE2");
        vm.expectEmit(address(tills));
        emit ITills.TillOpened(till, keeper, adapter);
        vm.prank(STRANGER);
        equal(tills.open(keeper, adapter), till, "opened");
        require(till.code.length != 0, "deployed");
        (address node, bytes32 modelId) = ITill(till).owner();
        equal(node, keeper, "node");
        equal(modelId, adapter, "model");
    }

    function test_OpeningATillAgainDoesNothing() public {
        tills.open(keeper, adapter);
        equal(tills.open(keeper, adapter), till, "the same");
    }

    function test_EachNodeAndModelHasATillOfItsOwn() public view {
        require(till != tills.tillOf(keeper, base), "model");
        require(till != tills.tillOf(NODE, adapter), "node");
    }

    function test_NobodyHasNoTill() public {
        vm.expectRevert(abi.encodeWithSelector(ITills.TillsZeroAddress.selector));
        tills.open(address(0), adapter);
        vm.expectRevert(abi.encodeWithSelector(ITills.TillsZeroAddress.selector));
        tills.collect(address(0), adapter);
    }

    function test_TillsNeedAnEscrowAndAToken() public {
        undeployable(abi.encode(address(0), token));
        undeployable(abi.encode(escrow, address(0)));
    }

    function undeployable(bytes memory parameters) internal {
        try this.deploy(parameters) {
            revert("deployed");
        } catch (bytes memory reason) {
            equal(bytes32(reason), bytes32(ITills.TillsZeroAddress.selector), "reason");
        }
    }

    function deploy(bytes calldata parameters) external {
        deployed("Tills", parameters);
    }

    // Collecting

    function test_WhatLandedBeforeTheTillWasThereIsCollected() public {
        token.transfer(till, 1_000);
        vm.expectEmit(address(tills));
        emit ITills.TillOpened(till, keeper, adapter);
        vm.expectEmit(address(escrow));
        emit IInferenceEscrow.Deposited(till, till, 1_000);
        vm.expectEmit(address(tills));
        emit ITills.Collected(till, keeper, adapter, 1_000);
        vm.prank(STRANGER);
        equal(tills.collect(keeper, adapter), 1_000, "collected");
        equal(token.balanceOf(till), 0, "till");
        equal(balanceOf(till), 1_000, "deposit");
    }

    function test_EachCollectionTakesWhatLandedSince() public {
        token.transfer(till, 1_000);
        tills.collect(keeper, adapter);
        token.transfer(till, 7);
        equal(tills.collect(keeper, adapter), 7, "the second");
        equal(balanceOf(till), 1_007, "deposit");
    }

    function test_NothingIsNotCollected() public {
        vm.expectRevert(abi.encodeWithSelector(ITill.TillNothingToCollect.selector, till));
        tills.collect(keeper, adapter);
        token.transfer(till, 1);
        tills.collect(keeper, adapter);
        vm.expectRevert(abi.encodeWithSelector(ITill.TillNothingToCollect.selector, till));
        tills.collect(keeper, adapter);
    }

    function test_ADepositOfAnybodyIsSettledOnceTheTillIsOpen() public {
        escrow.deposit(till, 5);
        Draft[] memory list = tillSettlement(tillVoucher(5), 5, KEEPER_KEY);
        IInferenceEscrow.ReceiptBatch memory batch = keeperReceipts(5);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(IInferenceEscrow.EscrowBadSignature.selector, till, address(0)));
        escrow.settle(grouped(list), batch);
        tills.open(keeper, adapter);
        settleAtTill(list, 5);
        equal(escrow.settledOf(till, keeper, adapter), 5, "settled");
    }

    function test_ExactLandsByOpensOwnAuthorization() public {
        address client = vm.addr(SESSION_KEY);
        token.transfer(client, 1_000);
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "TransferWithAuthorization(address from,address to,uint256 value,"
                    "uint256 validAfter,uint256 validBefore,bytes32 nonce)"
                ),
                client,
                till,
                uint256(400),
                uint256(0),
                block.timestamp + 60,
                bytes32("nonce")
            )
        );
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), structHash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(SESSION_KEY, digest);
        vm.prank(STRANGER);
        IOpenToken(address(token)).transferWithAuthorization(
            client,
            till,
            400,
            0,
            block.timestamp + 60,
            "nonce",
            v,
            r,
            s
        );
        equal(token.balanceOf(client), 600, "client");
        equal(tills.collect(keeper, adapter), 400, "collected");
        settleAtTill(400, 400);
        equal(escrow.earned(keeper), 140, "node");
    }

    function test_ExactAndUptoLandByAThirdParty() public {
        SignatureTransfer third = new SignatureTransfer(token);
        address client = vm.addr(SESSION_KEY);
        token.transfer(client, 1_000);
        vm.prank(client);
        token.approve(address(third), type(uint256).max);
        vm.prank(STRANGER);
        third.settle(client, 300, 300, till, 0, block.timestamp, permitted(third, 300, 0));
        vm.prank(STRANGER);
        third.settle(client, 500, 123, till, 1, block.timestamp, permitted(third, 500, 1));
        equal(tills.collect(keeper, adapter), 423, "collected");
        equal(token.balanceOf(client), 577, "client");
    }

    function permitted(SignatureTransfer third, uint256 mostWei, uint256 nonce) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(SESSION_KEY, third.digest(mostWei, till, nonce, block.timestamp));
        return abi.encodePacked(r, s, v);
    }

    // Settling

    function test_ATillsIncomeGoesThroughTheWaterfall() public {
        token.transfer(till, 1_000_007);
        tills.collect(keeper, adapter);
        settleAtTill(1_000_000, 1_000_000);
        equal(escrow.earned(TREASURY), 50_000, "treasury");
        equal(escrow.earned(keeper), 350_000, "node");
        equal(escrow.earned(BASE_OWNER), 50_000, "base owner");
        equal(escrow.earned(ADAPTER_OWNER), 100_000, "adapter owner");
        equal(escrow.contributorsPoolWei(), 450_000, "contributors");
        equal(balanceOf(till), 7, "left");
    }

    function test_ATillIsSettledInTheSameBatchAsAPayer() public {
        token.transfer(till, 100);
        tills.collect(keeper, adapter);
        Draft[] memory list = new Draft[](2);
        list[0] = tillSettlement(tillVoucher(100), 60, KEEPER_KEY)[0];
        IInferenceEscrow.Voucher memory own = voucher(base, 40);
        own.node = keeper;
        list[1] = paid(own, 40, PAYER_KEY)[0];
        settleAtTill(list, 100);
        equal(balanceOf(till), 40, "till");
        equal(balanceOf(payer), DEPOSIT_WEI - 40, "payer");
    }

    function test_AVoucherIsPaidOnce() public {
        token.transfer(till, 100);
        tills.collect(keeper, adapter);
        Draft[] memory list = tillSettlement(tillVoucher(60), 60, KEEPER_KEY);
        settleAtTill(list, 60);
        IInferenceEscrow.ReceiptBatch memory batch = keeperReceipts(60);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(IInferenceEscrow.EscrowAlreadySettled.selector, 60, 60));
        escrow.settle(grouped(list), batch);
    }

    function test_ATillPaysNoMoreThanLanded() public {
        token.transfer(till, 100);
        tills.collect(keeper, adapter);
        Draft[] memory list = tillSettlement(tillVoucher(101), 101, KEEPER_KEY);
        IInferenceEscrow.ReceiptBatch memory batch = keeperReceipts(101);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(IInferenceEscrow.EscrowInsufficientBalance.selector, till, 101, 100));
        escrow.settle(grouped(list), batch);
    }

    // What a till signs

    function test_ATillAcceptsItsNodesVouchers() public {
        tills.open(keeper, adapter);
        require(accepts(till, tillVoucher(10), KEEPER_KEY), "the node's");
        require(!accepts(till, tillVoucher(10), SESSION_KEY), "a stranger's");
    }

    function test_ATillAcceptsAKeyWhileItsNodeAllowsIt() public {
        tills.open(keeper, adapter);
        address session = vm.addr(SESSION_KEY);
        vm.expectEmit(address(tills));
        emit ITills.TillSignerSet(keeper, session, true);
        vm.prank(keeper);
        tills.setSigner(session, true);
        require(tills.isSigner(keeper, session), "set");
        require(accepts(till, tillVoucher(10), SESSION_KEY), "allowed");
        vm.prank(keeper);
        tills.setSigner(session, false);
        require(!accepts(till, tillVoucher(10), SESSION_KEY), "forbidden");
        vm.prank(STRANGER);
        tills.setSigner(session, true);
        require(!accepts(till, tillVoucher(10), SESSION_KEY), "another node's key");
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(ITills.TillsZeroAddress.selector));
        tills.setSigner(address(0), true);
    }

    function test_ANodeWithCodeDecidesByItself() public {
        keeper = address(new Wallet(vm.addr(SESSION_KEY)));
        till = tills.open(keeper, adapter);
        require(accepts(till, tillVoucher(10), SESSION_KEY), "its key");
        require(!accepts(till, tillVoucher(10), KEEPER_KEY), "not its key");
    }

    function test_ForeignVouchersAreRefused() public {
        tills.open(keeper, adapter);
        IInferenceEscrow.Voucher memory foreign = tillVoucher(10);
        foreign.node = NODE;
        require(!accepts(till, foreign, KEEPER_KEY), "another node");
        foreign = tillVoucher(10);
        foreign.modelId = base;
        require(!accepts(till, foreign, KEEPER_KEY), "another model");
        foreign = tillVoucher(10);
        foreign.payer = payer;
        require(!accepts(till, foreign, KEEPER_KEY), "another payer");
        foreign.payer = tills.open(keeper, base);
        require(!accepts(till, foreign, KEEPER_KEY), "another till of the node");
    }

    function test_AVoucherOfAnotherEscrowIsRefused() public {
        tills.open(keeper, adapter);
        IInferenceEscrow.Voucher memory signed = tillVoucher(10);
        IInferenceEscrow second = newEscrow(address(vault));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEEPER_KEY, second.hashVoucher(signed));
        bytes memory signature = envelope(signed, abi.encodePacked(r, s, v));
        require(!answers(till, second.hashVoucher(signed), signature), "another escrow");
        require(!answers(till, escrow.hashVoucher(signed), signature), "its signature here");
    }

    function test_TheEnvelopeMustBeTheVouchers() public {
        tills.open(keeper, adapter);
        IInferenceEscrow.Voucher memory signed = tillVoucher(10);
        bytes32 digest = escrow.hashVoucher(signed);
        bytes memory signature = sign(KEEPER_KEY, signed);
        require(!answers(till, digest, abi.encode(11, signed.expiresAt, signature)), "another amount");
        require(!answers(till, digest, abi.encode(10, signed.expiresAt + 1, signature)), "another time");
        require(!answers(till, digest, abi.encode(10, signed.expiresAt, bytes(""))), "no signature");
        require(!answers(till, digest ^ bytes32(uint256(1)), envelope(signed, signature)), "another digest");
        require(answers(till, digest, envelope(signed, signature)), "the voucher's");
    }

    function test_TheEscrowRefusesWhatATillRefuses() public {
        token.transfer(till, 100);
        tills.collect(keeper, adapter);
        IInferenceEscrow.ReceiptBatch memory batch = keeperReceipts(60);
        Draft[] memory list = tillSettlement(tillVoucher(60), 60, SESSION_KEY);
        bytes memory reason = abi.encodeWithSelector(IInferenceEscrow.EscrowBadSignature.selector, till, address(0));
        vm.prank(keeper);
        vm.expectRevert(reason);
        escrow.settle(grouped(list), batch);
        list[0].signature = "no envelope";
        vm.prank(keeper);
        vm.expectRevert(reason);
        escrow.settle(grouped(list), batch);
    }

    function test_AnotherNodeCannotSettleATill() public {
        token.transfer(till, 100);
        tills.collect(keeper, adapter);
        Draft[] memory list = tillSettlement(tillVoucher(60), 60, KEEPER_KEY);
        IInferenceEscrow.ReceiptBatch memory batch = receipts(60);
        vm.prank(NODE);
        vm.expectRevert(abi.encodeWithSelector(IInferenceEscrow.EscrowBadSignature.selector, till, address(0)));
        escrow.settle(grouped(list), batch);
    }

    // Refunds

    function test_ANodeGivesBackWhatNobodyCollectedYet() public {
        token.transfer(till, 100);
        vm.expectEmit(address(tills));
        emit ITills.Refunded(till, keeper, STRANGER, adapter, 30);
        vm.prank(keeper);
        tills.refund(adapter, STRANGER, 30);
        equal(token.balanceOf(STRANGER), 30, "client");
        equal(tills.collect(keeper, adapter), 70, "the rest");
    }

    function test_ANodeTakesBackADepositAndRefundsIt() public {
        token.transfer(till, 100);
        tills.collect(keeper, adapter);
        vm.expectEmit(address(tills));
        emit ITills.RefundThawing(till, keeper, adapter, 60);
        vm.prank(keeper);
        tills.thaw(adapter, 60);
        equal(escrow.availableOf(till), 40, "thawing");
        uint256 until = block.timestamp + THAW;
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(IInferenceEscrow.EscrowStillThawing.selector, till, until));
        tills.takeBack(adapter);
        vm.warp(until);
        vm.expectEmit(address(tills));
        emit ITills.TakenBack(till, keeper, adapter, 60);
        vm.prank(keeper);
        equal(tills.takeBack(adapter), 60, "taken back");
        equal(ITill(till).setAsideWei(), 60, "set aside");
        token.transfer(till, 5);
        equal(tills.collect(keeper, adapter), 5, "what is set aside stays");
        vm.prank(keeper);
        tills.refund(adapter, STRANGER, 20);
        vm.prank(keeper);
        tills.refund(adapter, payer, 39);
        equal(token.balanceOf(STRANGER), 20, "one client");
        equal(token.balanceOf(payer), 39, "another");
        equal(ITill(till).setAsideWei(), 1, "left");
        equal(balanceOf(till), 45, "deposit");
    }

    function test_WhatIsTakenBackTwiceAddsUp() public {
        token.transfer(till, 100);
        tills.collect(keeper, adapter);
        for (uint256 i; i < 2; ++i) {
            vm.prank(keeper);
            tills.thaw(adapter, 10);
            vm.warp(block.timestamp + THAW);
            vm.prank(keeper);
            tills.takeBack(adapter);
        }
        equal(ITill(till).setAsideWei(), 20, "set aside");
        equal(token.balanceOf(till), 20, "till");
    }

    function test_ARefundTakesWhatIsSetAsideFirst() public {
        setAside(60);
        token.transfer(till, 10);
        vm.prank(keeper);
        tills.refund(adapter, STRANGER, 61);
        equal(ITill(till).setAsideWei(), 0, "set aside");
        equal(tills.collect(keeper, adapter), 9, "the rest can be collected");
    }

    function setAside(uint128 amountWei) internal {
        token.transfer(till, amountWei);
        tills.collect(keeper, adapter);
        vm.prank(keeper);
        tills.thaw(adapter, amountWei);
        vm.warp(block.timestamp + THAW);
        vm.prank(keeper);
        tills.takeBack(adapter);
    }

    function test_ARefundToTheTillItselfCanBeCollectedAgain() public {
        setAside(60);
        vm.expectRevert(abi.encodeWithSelector(ITill.TillNothingToCollect.selector, till));
        tills.collect(keeper, adapter);
        vm.prank(keeper);
        tills.refund(adapter, till, 60);
        equal(ITill(till).setAsideWei(), 0, "set aside");
        equal(tills.collect(keeper, adapter), 60, "collected");
    }

    function test_MoneySpentWhileItThawsIsNotTakenBack() public {
        token.transfer(till, 100);
        tills.collect(keeper, adapter);
        vm.prank(keeper);
        tills.thaw(adapter, 100);
        settleAtTill(70, 70);
        vm.warp(block.timestamp + THAW);
        vm.prank(keeper);
        equal(tills.takeBack(adapter), 30, "what is left");
        equal(ITill(till).setAsideWei(), 30, "set aside");
    }

    function test_ARefundNeedsMoneyAndAPayee() public {
        token.transfer(till, 100);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(ITill.TillTooLittle.selector, till, 101, 100));
        tills.refund(adapter, STRANGER, 101);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(ITills.TillsZeroAddress.selector));
        tills.refund(adapter, address(0), 100);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(ITills.TillsZeroAmount.selector));
        tills.refund(adapter, STRANGER, 0);
        vm.prank(keeper);
        tills.refund(adapter, STRANGER, 100);
        equal(token.balanceOf(STRANGER), 100, "all of it");
    }

    function test_ThawingNeedsADeposit() public {
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(IInferenceEscrow.EscrowNothingToThaw.selector, till, 1, 0));
        tills.thaw(adapter, 1);
    }

    /// A caller's calls reach its own till, so a stranger's reach an empty one.
    function test_AStrangerReachesOnlyItsOwnTill() public {
        token.transfer(till, 100);
        address own = tills.tillOf(STRANGER, adapter);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ITill.TillTooLittle.selector, own, 1, 0));
        tills.refund(adapter, STRANGER, 1);
        tills.collect(keeper, adapter);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IInferenceEscrow.EscrowNothingToThaw.selector, own, 1, 0));
        tills.thaw(adapter, 1);
    }

    function test_ATillListensToTheTillsAlone() public {
        setAside(60);
        bytes memory reason = abi.encodeWithSelector(ITill.TillNotTills.selector, keeper);
        vm.prank(keeper);
        vm.expectRevert(reason);
        ITill(till).collect();
        vm.prank(keeper);
        vm.expectRevert(reason);
        ITill(till).thaw(1);
        vm.prank(keeper);
        vm.expectRevert(reason);
        ITill(till).takeBack();
        vm.prank(keeper);
        vm.expectRevert(reason);
        ITill(till).refund(keeper, 1);
    }

    /// Money that is sent to the code of tills by mistake has no owner; nobody can use that code as a till.
    function test_TheCodeOfTillsIsNoTill() public {
        ITill code = ITill(ITillsCode(address(tills)).IMPLEMENTATION());
        token.transfer(address(code), 10);
        vm.expectRevert(abi.encodeWithSelector(ITill.TillNotTills.selector, address(this)));
        code.collect();
        vm.expectRevert(abi.encodeWithSelector(ITill.TillNotTills.selector, address(this)));
        code.refund(address(this), 10);
    }
}
