// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IInferenceEscrow} from "../payments/IInferenceEscrow.sol";
import {Invariants} from "./support/Invariants.sol";
import {Draft, Payers} from "./support/Payers.sol";

/// Drives the escrow at random: three payers, two models, changing owners and rates, replays, early exits.
contract EscrowHandler is Payers {
    uint256 public depositedWei = DEPOSIT_WEI;
    uint256 public withdrawnWei; // by payers
    uint256 public takenWei; // by who earned
    uint256 public sweptWei;
    uint256 public settledWei;
    uint256[3] internal keys = [PAYER_KEY, 0xB0B, 0xCAB];
    address[] internal earners = [TREASURY, NODE, BASE_OWNER, ADAPTER_OWNER, STRANGER];
    Draft[] internal past;

    function start() external {
        setUp();
    }

    function deposit(uint256 who, uint128 amountWei) external {
        amountWei = uint128(bound(amountWei, 1, 1e21));
        escrow.deposit(vm.addr(keys[who % 3]), amountWei);
        depositedWei += amountWei;
    }

    function thaw(uint256 who, uint128 amountWei) external {
        payer = vm.addr(keys[who % 3]);
        uint256 availableWei = escrow.availableOf(payer);
        if (availableWei == 0) return;
        vm.prank(payer);
        try escrow.thaw(uint128(bound(amountWei, 1, availableWei))) {} catch (bytes memory reason) {
            equal(bytes32(bytes4(reason)), bytes32(IInferenceEscrow.EscrowTooManyThaws.selector), "only too many");
        }
    }

    function withdraw(uint256 who) external {
        payer = vm.addr(keys[who % 3]);
        vm.prank(payer);
        try escrow.withdraw(payer) returns (uint256 amountWei) {
            withdrawnWei += amountWei;
        } catch (bytes memory reason) {
            equal(bytes32(bytes4(reason)), bytes32(IInferenceEscrow.EscrowStillThawing.selector), "only too early");
        }
    }

    /// One batch over up to three payers.
    function settleBatch(uint256 seed, uint256 count) external {
        count = bound(count, 1, 3);
        Draft[] memory list = new Draft[](count);
        uint128 totalWei;
        for (uint256 i; i < count; ++i) {
            uint256 key = keys[((seed % 3) + i) % 3];
            payer = vm.addr(key);
            bytes32 modelId = (seed >> (8 * i)) % 2 == 0 ? base : adapter;
            (uint256 balanceWei, ) = escrow.accountOf(payer);
            if (balanceWei == 0) return;
            uint128 amountWei = uint128(bound(seed >> (32 * i), 1, balanceWei));
            uint128 spentWei = uint128(escrow.settledOf(payer, NODE, modelId)) + amountWei;
            IInferenceEscrow.Voucher memory signed = voucher(modelId, spentWei + uint128(seed % 100));
            list[i] = Draft(signed, sign(key, signed), spentWei);
            totalWei += amountWei;
        }
        settle(list, totalWei);
        settledWei += totalWei;
        for (uint256 i; i < count; ++i) past.push(list[i]);
    }

    function replay(uint256 seed) external {
        if (past.length == 0) return;
        Draft[] memory list = new Draft[](1);
        list[0] = past[seed % past.length];
        IInferenceEscrow.ReceiptBatch memory batch = receipts(uint128(seed % 1e21));
        vm.prank(NODE);
        try escrow.settle(grouped(list), batch) {
            revert("a settled voucher moved money again");
        } catch {}
    }

    function takeEarned(uint256 who) external {
        address earner = earners[who % 5];
        if (escrow.earned(earner) == 0) return;
        vm.prank(earner);
        takenWei += escrow.withdrawEarned(earner);
    }

    function sweep() external {
        if (escrow.contributorsPoolWei() == 0) return;
        sweptWei += escrow.sweep();
    }

    function setRates(
        uint32 protocolPpm,
        uint32 nodePpm,
        uint32 baseOwnerPpm,
        uint32 adapterOwnerPpm,
        uint32 stakersPpm
    ) external {
        vm.prank(GOVERNOR);
        escrow.setRates(
            IInferenceEscrow.Rates(
                uint32(bound(protocolPpm, 0, 100_000)),
                uint32(bound(nodePpm, 0, 350_000)),
                uint32(bound(baseOwnerPpm, 0, 100_000)),
                uint32(bound(adapterOwnerPpm, 0, 150_000)),
                uint32(bound(stakersPpm, 0, 100_000))
            )
        );
    }

    function stake(uint256 which, uint256 amountWei) external {
        stakes.set(which % 2 == 0 ? base : adapter, bound(amountWei, 0, 1));
    }

    function payStakers(uint256 which) external {
        bytes32 poolId = which % 2 == 0 ? base : adapter;
        if (escrow.stakersWei(poolId) == 0) return;
        uint256 beforeWei = token.balanceOf(address(stakes));
        escrow.payStakers(poolId);
        takenWei += token.balanceOf(address(stakes)) - beforeWei;
    }

    function transferAdapter(uint256 who) external {
        address owner = registry.ownerOf(adapter);
        vm.prank(owner);
        registry.transfer(adapter, earners[who % 5]);
    }

    function wait_(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1 hours, 2 days));
    }

    // For the invariants

    function heldWei() external view returns (uint256) {
        return token.balanceOf(address(escrow));
    }

    function balancesWei() public view returns (uint256 sumWei) {
        for (uint256 i; i < 3; ++i) {
            (uint256 balanceWei, ) = escrow.accountOf(vm.addr(keys[i]));
            sumWei += balanceWei;
        }
    }

    function earningsWei() public view returns (uint256 sumWei) {
        for (uint256 i; i < 5; ++i) sumWei += escrow.earned(earners[i]);
        sumWei += escrow.stakersWei(base) + escrow.stakersWei(adapter);
    }

    function poolWei() public view returns (uint256) {
        return escrow.contributorsPoolWei();
    }

    function vaultWei() external view returns (uint256) {
        return vault.funded();
    }
}

contract EscrowInvariants is Invariants {
    EscrowHandler internal handler;

    function setUp() public {
        handler = new EscrowHandler();
        handler.start();
        bytes4[] memory selectors = new bytes4[](12);
        selectors[0] = EscrowHandler.deposit.selector;
        selectors[1] = EscrowHandler.thaw.selector;
        selectors[2] = EscrowHandler.withdraw.selector;
        selectors[3] = EscrowHandler.settleBatch.selector;
        selectors[4] = EscrowHandler.replay.selector;
        selectors[5] = EscrowHandler.takeEarned.selector;
        selectors[6] = EscrowHandler.sweep.selector;
        selectors[7] = EscrowHandler.setRates.selector;
        selectors[8] = EscrowHandler.transferAdapter.selector;
        selectors[9] = EscrowHandler.wait_.selector;
        selectors[10] = EscrowHandler.stake.selector;
        selectors[11] = EscrowHandler.payStakers.selector;
        target(address(handler), selectors);
    }

    function invariant_TheEscrowHoldsExactlyWhatItOwes() public view {
        uint256 owedWei = handler.balancesWei() + handler.earningsWei() + handler.poolWei();
        equal(handler.heldWei(), owedWei, "held");
    }

    function invariant_WhatCameInIsWhatIsHeldOrWentOut() public view {
        uint256 outWei = handler.withdrawnWei() + handler.takenWei() + handler.sweptWei();
        equal(handler.depositedWei(), handler.heldWei() + outWei, "in and out");
    }

    function invariant_WhatWasSettledIsWhatWasDivided() public view {
        uint256 dividedWei = handler.earningsWei() + handler.takenWei() + handler.poolWei() + handler.sweptWei();
        equal(dividedWei, handler.settledWei(), "divided");
    }

    function invariant_TheVaultGotWhatWasSwept() public view {
        equal(handler.vaultWei(), handler.sweptWei(), "vault");
    }
}
