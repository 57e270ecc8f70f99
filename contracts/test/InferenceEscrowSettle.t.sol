// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILineageRegistry} from "../lineage/ILineageRegistry.sol";
import {IInferenceEscrow} from "../payments/IInferenceEscrow.sol";
import {Vm} from "./support/Cheats.sol";
import {IUpgradeable} from "./support/Economy.sol";
import {Draft, Payers, Wallet} from "./support/Payers.sol";

contract InferenceEscrowSettleTest is Payers {
    event Settled(
        address indexed payer,
        address indexed node,
        bytes32 indexed modelId,
        uint64 batch,
        uint256 amountWei,
        uint256 contributorsWei
    );
    event Divided(
        uint64 indexed batch,
        bytes32 indexed modelId,
        uint256 amountWei,
        uint256 protocolWei,
        uint256 nodeWei,
        uint256 baseOwnerWei,
        uint256 adapterOwnerWei,
        uint256 stakersWei,
        uint256 contributorsWei
    );
    event StakersPaid(bytes32 indexed poolId, uint256 amountWei, bool staked);
    event RatesChanged(
        uint32 protocolPpm,
        uint32 nodePpm,
        uint32 baseOwnerPpm,
        uint32 adapterOwnerPpm,
        uint32 stakersPpm
    );
    event ReceiptsAnchored(
        address indexed node,
        uint64 indexed batch,
        bytes32 receiptsRoot,
        bytes32 receiptsDigest,
        uint32 receiptCount,
        uint64 firstSequence,
        bytes32 lastReceiptHash,
        uint256 totalWei
    );

    // What is paid

    function test_TheWaterfallPaysInItsOrder() public {
        vm.expectEmit(address(escrow));
        emit ReceiptsAnchored(NODE, 1, "root", "digest", 1, 0, "last", 1_000_000);
        vm.expectEmit(address(escrow));
        emit Settled(payer, NODE, adapter, 1, 1_000_000, 450_000);
        vm.expectEmit(address(escrow));
        emit Divided(1, adapter, 1_000_000, 50_000, 350_000, 50_000, 100_000, 0, 450_000);
        equal(settle(paid(adapter, 1_000_000), 1_000_000), 1, "batch number");
        equal(escrow.earned(TREASURY), 50_000, "treasury");
        equal(escrow.earned(NODE), 350_000, "node");
        equal(escrow.earned(BASE_OWNER), 50_000, "base owner");
        equal(escrow.earned(ADAPTER_OWNER), 100_000, "adapter owner");
        equal(escrow.contributorsPoolWei(), 450_000, "contributors");
        equal(escrow.settledOf(payer, NODE, adapter), 1_000_000, "channel");
    }

    function test_ABaseUsedAlonePaysNoAdapterOwner() public {
        settle(paid(base, 1_000_000), 1_000_000);
        equal(escrow.earned(BASE_OWNER), 50_000, "base owner");
        equal(escrow.contributorsPoolWei(), 550_000, "contributors");
    }

    function test_StakersOfTheModelThatWasAskedGetTheirPart() public {
        stakes.set(adapter, 1);
        vm.expectEmit(address(escrow));
        emit Settled(payer, NODE, adapter, 1, 1_000_000, 400_000);
        vm.expectEmit(address(escrow));
        emit Divided(1, adapter, 1_000_000, 50_000, 350_000, 50_000, 100_000, 50_000, 400_000);
        settle(paid(adapter, 1_000_000), 1_000_000);
        equal(escrow.stakersWei(adapter), 50_000, "kept for them");
        settle(paid(base, 1_000_000), 1_000_000);
        equal(escrow.stakersWei(base), 0, "nobody stakes on the base");
        vm.expectEmit(address(escrow));
        emit StakersPaid(adapter, 50_000, true);
        equal(escrow.payStakers(adapter), 50_000, "paid");
        equal(stakes.rewardedWei(adapter), 50_000, "to the pool");
        equal(token.balanceOf(address(stakes)), 50_000, "in OPEN");
        equal(escrow.stakersWei(adapter), 0, "once");
        vm.expectRevert(abi.encodeWithSelector(IInferenceEscrow.EscrowNothingEarned.selector, address(stakes)));
        escrow.payStakers(adapter);
    }

    function test_EverySettlementStatesWhatStakersLeaveToContributors() public {
        stakes.set(adapter, 1);
        Draft[] memory list = new Draft[](2);
        (list[0], list[1]) = (paid(adapter, 1_000_000)[0], paid(adapter, 3_000_000)[0]);
        vm.expectEmit(address(escrow));
        emit Settled(payer, NODE, adapter, 1, 1_000_000, 400_000);
        vm.expectEmit(address(escrow));
        emit Settled(payer, NODE, adapter, 1, 2_000_000, 800_000);
        settle(list, 3_000_000);
    }

    function test_TheTreasuryWithdrawsOnceWhatItEarnedEitherWay() public {
        stakes.set(adapter, 1);
        settle(paid(adapter, 1_000_000), 1_000_000);
        stakes.set(adapter, 0);
        escrow.payStakers(adapter);
        vm.prank(TREASURY);
        equal(escrow.withdrawEarned(TREASURY), 100_000, "fees and what no staker is left for");
        equal(escrow.earned(TREASURY), 0, "nothing left");
        equal(token.balanceOf(TREASURY), 100_000, "paid");
        vm.prank(TREASURY);
        vm.expectRevert(abi.encodeWithSelector(IInferenceEscrow.EscrowNothingEarned.selector, TREASURY));
        escrow.withdrawEarned(TREASURY);
        equal(escrow.contributorsPoolWei(), 400_000, "the slot's other half stays");
    }

    /// Each settlement's part of the contributors' is rounded down, and the last one states what rounding left.
    function testFuzz_TheStatedPartsOfContributorsSumToThePool(uint64[5] memory amounts) public {
        Draft[] memory list = new Draft[](5);
        uint128 spentWei;
        for (uint256 i; i < 5; ++i) {
            spentWei += uint128(bound(amounts[i], 1, 1e6));
            list[i] = paid(adapter, spentWei)[0];
        }
        vm.recordLogs();
        settle(list, spentWei);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 statedWei;
        uint256 settled;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != Settled.selector) continue;
            (, uint256 amountWei, uint256 contributorsWei) = abi.decode(logs[i].data, (uint64, uint256, uint256));
            require(contributorsWei >= (amountWei * 450_000) / 1e6, "never less than the rate says");
            statedWei += contributorsWei;
            ++settled;
        }
        equal(settled, 5, "one event a settlement");
        equal(statedWei, escrow.contributorsPoolWei(), "the parts sum to the pool");
        equal(owedWei(), DEPOSIT_WEI, "nothing lost, nothing made");
    }

    function test_WhatStakersEarnedGoesToTheTreasuryIfNoneAreLeft() public {
        stakes.set(adapter, 1);
        settle(paid(adapter, 1_000_000), 1_000_000);
        stakes.set(adapter, 0);
        vm.expectEmit(address(escrow));
        emit StakersPaid(adapter, 50_000, false);
        escrow.payStakers(adapter);
        equal(escrow.earned(TREASURY), 100_000, "treasury");
        equal(token.balanceOf(address(stakes)), 0, "no pool");
    }

    function testFuzz_ThePartsSumToTheAmountWhateverTheRates(
        uint128 amountWei,
        uint32 protocolPpm,
        uint32 nodePpm,
        uint32 baseOwnerPpm,
        uint32 adapterOwnerPpm,
        uint32 stakersPpm,
        bool alone
    ) public {
        stakes.set(adapter, 1);
        amountWei = uint128(bound(amountWei, 1, DEPOSIT_WEI));
        IInferenceEscrow.Rates memory rates = IInferenceEscrow.Rates({
            protocolPpm: uint32(bound(protocolPpm, 0, 100_000)),
            nodePpm: uint32(bound(nodePpm, 0, 200_000)),
            baseOwnerPpm: uint32(bound(baseOwnerPpm, 0, 150_000)),
            adapterOwnerPpm: uint32(bound(adapterOwnerPpm, 0, 200_000)),
            stakersPpm: uint32(bound(stakersPpm, 0, 150_000))
        });
        vm.prank(GOVERNOR);
        escrow.setRates(rates);
        settle(paid(alone ? base : adapter, amountWei), amountWei);
        (uint256 balanceWei, ) = escrow.accountOf(payer);
        equal(balanceWei, DEPOSIT_WEI - amountWei, "taken from the payer");
        equal(owedWei(), DEPOSIT_WEI, "nothing lost, nothing made");
        require(escrow.contributorsPoolWei() >= amountWei / 5, "contributors' floor");
    }

    function test_ABatchSettlesManyChannelsAndOneTwice() public {
        bytes32 other = newBase(ADAPTER_OWNER);
        Draft[] memory list = new Draft[](4);
        list[0] = paid(adapter, 100)[0];
        list[1] = paid(adapter, 300)[0];
        list[2] = paid(other, 1_000)[0];
        list[3] = paid(base, 7)[0];
        settle(list, 1_307);
        equal(escrow.settledOf(payer, NODE, adapter), 300, "the later of two");
        equal(escrow.settledOf(payer, NODE, other), 1_000, "another model");
        equal(escrow.earned(BASE_OWNER), 5 + 10, "base owner"); // 5 % of 100 and of 200; of 7 nothing is left
        equal(escrow.earned(ADAPTER_OWNER), 10 + 20 + 50, "adapter owner, who owns a base as well");
        equal(owedWei(), DEPOSIT_WEI, "nothing lost, nothing made");
    }

    function test_ANewOwnerEarnsFromThenOn() public {
        settle(paid(adapter, 1_000), 1_000);
        vm.prank(ADAPTER_OWNER);
        registry.transfer(adapter, STRANGER);
        settle(paid(adapter, 3_000), 2_000);
        equal(escrow.earned(ADAPTER_OWNER), 100, "old owner");
        equal(escrow.earned(STRANGER), 200, "new owner");
    }

    function test_LessThanTheVoucherAllowsCanBeSettledAndTheRestLater() public {
        IInferenceEscrow.Voucher memory signed = voucher(adapter, 900);
        settle(paid(signed, 500, PAYER_KEY), 500);
        settle(paid(signed, 900, PAYER_KEY), 400);
        equal(escrow.settledOf(payer, NODE, adapter), 900, "channel");
    }

    // Who may sign

    function test_ASessionKeySignsWhileItIsAllowed() public {
        Draft[] memory list = paid(voucher(adapter, 10), 10, SESSION_KEY);
        address session = vm.addr(SESSION_KEY);
        bytes memory reason = abi.encodeWithSelector(IInferenceEscrow.EscrowBadSignature.selector, payer, session);
        refused(list, 10, reason);
        vm.prank(payer);
        escrow.setSigner(session, true);
        settle(list, 10);
        vm.prank(payer);
        escrow.setSigner(session, false);
        refused(paid(voucher(adapter, 20), 20, SESSION_KEY), 10, reason);
    }

    function test_AShortSignatureIsAsGoodAsALongOne() public {
        Draft[] memory list = paid(adapter, 10);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(PAYER_KEY, escrow.hashVoucher(list[0].voucher));
        list[0].signature = abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255)));
        settle(list, 10);
        equal(escrow.settledOf(payer, NODE, adapter), 10, "channel");
        list = paid(adapter, 20);
        (v, r, s) = vm.sign(SESSION_KEY, escrow.hashVoucher(list[0].voucher));
        list[0].signature = abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255)));
        address signer = vm.addr(SESSION_KEY);
        refused(list, 10, abi.encodeWithSelector(IInferenceEscrow.EscrowBadSignature.selector, payer, signer));
    }

    function test_APayerWithCodeDecidesByItself() public {
        payer = address(new Wallet(vm.addr(SESSION_KEY)));
        escrow.deposit(payer, 100);
        settle(paid(voucher(adapter, 10), 10, SESSION_KEY), 10);
        equal(escrow.settledOf(payer, NODE, adapter), 10, "channel");
        refused(
            paid(voucher(adapter, 20), 20, PAYER_KEY),
            10,
            abi.encodeWithSelector(IInferenceEscrow.EscrowBadSignature.selector, payer, vm.addr(PAYER_KEY))
        );
    }

    function test_ASignatureOfTheWrongShapeIsRefused() public {
        Draft[] memory list = paid(adapter, 10);
        list[0].signature = "";
        refused(list, 10, abi.encodeWithSelector(IInferenceEscrow.EscrowBadSignature.selector, payer, address(0)));
        // A failed recovery yields address 0, which must not pass for a payer.
        list[0].voucher.payer = address(0);
        refused(list, 10, abi.encodeWithSelector(IInferenceEscrow.EscrowBadSignature.selector, address(0), address(0)));
        // The other s of the same signature: valid mathematics, refused since it is no second signature of its own.
        list = paid(adapter, 10);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(PAYER_KEY, escrow.hashVoucher(list[0].voucher));
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        list[0].signature = abi.encodePacked(r, bytes32(order - uint256(s)), v == 27 ? uint8(28) : uint8(27));
        refused(list, 10, abi.encodeWithSelector(IInferenceEscrow.EscrowBadSignature.selector, payer, address(0)));
    }

    /// The signature holds every field: none can be changed after it was made.
    function testFuzz_AChangedVoucherIsRefused(uint8 field, uint128 by) public {
        by = uint128(bound(by, 1, 1e9));
        Draft[] memory list = paid(adapter, 10);
        IInferenceEscrow.Voucher memory changed = list[0].voucher;
        field %= 4;
        if (field == 0) changed.payer = address(uint160(changed.payer) + by);
        if (field == 1) changed.modelId = base;
        if (field == 2) changed.cumulativeWei += by;
        if (field == 3) changed.expiresAt += uint64(by);
        IInferenceEscrow.ReceiptBatch memory batch = receipts(10);
        vm.prank(NODE);
        try escrow.settle(grouped(list), batch) {
            revert("a changed voucher was settled");
        } catch (bytes memory reason) {
            equal(bytes32(bytes4(reason)), bytes32(IInferenceEscrow.EscrowBadSignature.selector), "reason");
        }
    }

    // What is refused

    function test_AVoucherIsNotSettledTwice() public {
        Draft[] memory list = paid(adapter, 10);
        settle(list, 10);
        refused(list, 10, abi.encodeWithSelector(IInferenceEscrow.EscrowAlreadySettled.selector, 10, 10));
        refused(paid(adapter, 9), 9, abi.encodeWithSelector(IInferenceEscrow.EscrowAlreadySettled.selector, 9, 10));
        refused(
            paid(voucher(adapter, 20), 0, PAYER_KEY),
            0,
            abi.encodeWithSelector(IInferenceEscrow.EscrowAlreadySettled.selector, 0, 10)
        );
    }

    function test_AVoucherIsForOneNodeOneChainAndOneEscrow() public {
        Draft[] memory list = paid(adapter, 10);
        IInferenceEscrow.ReceiptBatch memory batch = receipts(10);
        vm.prank(STRANGER);
        try escrow.settle(grouped(list), batch) {
            revert("a voucher of another node was settled");
        } catch (bytes memory reason) {
            equal(bytes32(bytes4(reason)), bytes32(IInferenceEscrow.EscrowBadSignature.selector), "reason");
        }

        uint256 chain = block.chainid;
        vm.chainId(chain + 1);
        refusesSignature(escrow, list);
        vm.chainId(chain);

        IInferenceEscrow twin = newEscrow(address(vault));
        token.approve(address(twin), 100);
        twin.deposit(payer, 100);
        refusesSignature(twin, list);

        settle(list, 10); // and it is good where it belongs
    }

    /// Whom a signature for another domain seems to be from is anybody's guess.
    function refusesSignature(IInferenceEscrow asked, Draft[] memory list) internal {
        IInferenceEscrow.ReceiptBatch memory batch = receipts(10);
        vm.prank(NODE);
        try asked.settle(grouped(list), batch) {
            revert("a voucher of another domain was settled");
        } catch (bytes memory reason) {
            equal(bytes32(bytes4(reason)), bytes32(IInferenceEscrow.EscrowBadSignature.selector), "reason");
        }
    }

    function test_AVoucherExpires() public {
        Draft[] memory list = paid(adapter, 10);
        uint64 expiresAt = list[0].voucher.expiresAt;
        vm.warp(expiresAt + 1);
        refused(
            list,
            10,
            abi.encodeWithSelector(IInferenceEscrow.EscrowVoucherExpired.selector, expiresAt, expiresAt + 1)
        );
        vm.warp(expiresAt);
        settle(list, 10);
    }

    function test_NoMoreIsSettledThanVoucherAndBalanceAllow() public {
        refused(
            paid(voucher(adapter, 10), 11, PAYER_KEY),
            11,
            abi.encodeWithSelector(IInferenceEscrow.EscrowOverspent.selector, 11, 10)
        );
        refused(
            paid(adapter, DEPOSIT_WEI + 1),
            DEPOSIT_WEI + 1,
            abi.encodeWithSelector(
                IInferenceEscrow.EscrowInsufficientBalance.selector,
                payer,
                DEPOSIT_WEI + 1,
                DEPOSIT_WEI
            )
        );
        settle(paid(adapter, DEPOSIT_WEI), DEPOSIT_WEI);
    }

    function test_AnUnknownModelIsRefused() public {
        refused(paid("x", 10), 10, abi.encodeWithSelector(ILineageRegistry.LineageUnknown.selector, bytes32("x")));
    }

    function test_TheTotalOfTheReceiptsIsWhatIsSettled() public {
        for (uint128 totalWei = 9; totalWei <= 11; totalWei += 2) {
            refused(
                paid(adapter, 10),
                totalWei,
                abi.encodeWithSelector(IInferenceEscrow.EscrowTotalMismatch.selector, totalWei, 10)
            );
        }
    }

    function test_ReceiptsOfANodeHaveNoGap() public {
        IInferenceEscrow.ReceiptBatch memory batch = receipts(10);
        batch.receiptCount = 5;
        Draft[] memory list = paid(adapter, 10);
        vm.prank(NODE);
        escrow.settle(grouped(list), batch);
        equal(escrow.nextSequence(NODE), 5, "next");
        equal(escrow.nextSequence(STRANGER), 0, "of another node");
        list = paid(adapter, 20);
        for (uint64 sequence = 4; sequence <= 6; sequence += 2) {
            batch.firstSequence = sequence;
            vm.prank(NODE);
            vm.expectRevert(abi.encodeWithSelector(IInferenceEscrow.EscrowSequenceGap.selector, NODE, sequence, 5));
            escrow.settle(grouped(list), batch);
        }
        batch.firstSequence = 5;
        vm.prank(NODE);
        equal(escrow.settle(grouped(list), batch), 2, "batch number");
    }

    function test_ABatchThatAnchorsNothingIsRefused() public {
        refused(new Draft[](0), 0, abi.encodeWithSelector(IInferenceEscrow.EscrowEmptyBatch.selector));
        IInferenceEscrow.ModelSettlements[] memory empty = new IInferenceEscrow.ModelSettlements[](1);
        empty[0].modelId = adapter;
        IInferenceEscrow.ReceiptBatch memory none = receipts(0);
        vm.prank(NODE);
        vm.expectRevert(IInferenceEscrow.EscrowEmptyBatch.selector);
        escrow.settle(empty, none);
        for (uint256 field; field < 4; ++field) {
            Draft[] memory list = paid(adapter, 10);
            IInferenceEscrow.ReceiptBatch memory batch = receipts(10);
            if (field == 0) batch.receiptsRoot = 0;
            if (field == 1) batch.receiptsDigest = 0;
            if (field == 2) batch.lastReceiptHash = 0;
            if (field == 3) batch.receiptCount = 0;
            vm.prank(NODE);
            vm.expectRevert(
                field == 3 ? IInferenceEscrow.EscrowEmptyBatch.selector : IInferenceEscrow.EscrowZeroDigest.selector
            );
            escrow.settle(grouped(list), batch);
        }
    }

    // Rates

    function test_OnlyGovernanceSetsRatesAndWithinTheirCaps() public {
        IInferenceEscrow.Rates memory highest = IInferenceEscrow.Rates(100_000, 500_000, 100_000, 50_000, 50_000);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IUpgradeable.OwnableUnauthorizedAccount.selector, STRANGER));
        escrow.setRates(highest);
        refusedRates(IInferenceEscrow.Rates(100_001, 0, 0, 0, 0));
        refusedRates(IInferenceEscrow.Rates(0, 500_001, 0, 0, 0));
        refusedRates(IInferenceEscrow.Rates(0, 0, 150_001, 0, 0));
        refusedRates(IInferenceEscrow.Rates(0, 0, 0, 250_001, 0));
        refusedRates(IInferenceEscrow.Rates(0, 0, 0, 0, 150_001));
        refusedRates(IInferenceEscrow.Rates(100_000, 500_000, 100_000, 50_000, 50_001)); // contributors keep a fifth
        uint32 most = type(uint32).max;
        refusedRates(IInferenceEscrow.Rates(most, most, most, most, most));
        acceptedRates(IInferenceEscrow.Rates(0, 0, 150_000, 250_000, 150_000));
        acceptedRates(highest);
        stakes.set(adapter, 1);
        settle(paid(adapter, 1_000_000), 1_000_000);
        equal(escrow.contributorsPoolWei(), 200_000, "contributors' floor");
        equal(escrow.rates().nodePpm, 500_000, "stored");
        equal(escrow.rates().stakersPpm, 50_000, "stored");
    }

    function refusedRates(IInferenceEscrow.Rates memory rates) internal {
        vm.prank(GOVERNOR);
        vm.expectRevert(
            abi.encodeWithSelector(
                IInferenceEscrow.EscrowRatesTooHigh.selector,
                rates.protocolPpm,
                rates.nodePpm,
                rates.baseOwnerPpm,
                rates.adapterOwnerPpm,
                rates.stakersPpm
            )
        );
        escrow.setRates(rates);
    }

    function acceptedRates(IInferenceEscrow.Rates memory rates) internal {
        vm.prank(GOVERNOR);
        vm.expectEmit(address(escrow));
        emit RatesChanged(
            rates.protocolPpm,
            rates.nodePpm,
            rates.baseOwnerPpm,
            rates.adapterOwnerPpm,
            rates.stakersPpm
        );
        escrow.setRates(rates);
    }
}
