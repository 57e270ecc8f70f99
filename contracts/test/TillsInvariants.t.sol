// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IInferenceEscrow} from "../payments/IInferenceEscrow.sol";
import {ITill} from "../payments/ITill.sol";
import {Invariants} from "./support/Invariants.sol";
import {TillKeepers} from "./support/TillKeepers.sol";

/// Drives two tills of one node at random: payments, collections, settlements, refunds, strangers' attempts.
contract TillsHandler is TillKeepers {
    uint256 public landedWei;
    uint256 public collectedWei;
    uint256 public takenBackWei;
    uint256 public refundedWei;
    uint256 public settledWei;
    bytes32 internal model;

    function start() external {
        setUp();
    }

    function choose(uint256 which) internal {
        (model, till) = which % 2 == 0 ? (adapter, tills.tillOf(keeper, adapter)) : (base, tills.tillOf(keeper, base));
        tills.open(keeper, model);
    }

    function pay(uint256 which, uint256 amountWei) external {
        choose(which);
        amountWei = bound(amountWei, 1, 1e20);
        token.transfer(till, amountWei);
        landedWei += amountWei;
    }

    function collect(uint256 which) external {
        choose(which);
        try tills.collect(keeper, model) returns (uint256 amountWei) {
            collectedWei += amountWei;
        } catch {
            equal(token.balanceOf(till), ITill(till).setAsideWei(), "only if nothing is there");
        }
    }

    function settle(uint256 which, uint128 amountWei) external {
        choose(which);
        if (balanceOf(till) == 0) return;
        amountWei = uint128(bound(amountWei, 1, balanceOf(till)));
        uint128 spentWei = uint128(escrow.settledOf(till, keeper, model)) + amountWei;
        IInferenceEscrow.Voucher memory signed = tillVoucher(spentWei);
        signed.modelId = model;
        settleAtTill(tillSettlement(signed, spentWei, KEEPER_KEY), amountWei);
        settledWei += amountWei;
    }

    function thaw(uint256 which, uint128 amountWei) external {
        choose(which);
        uint256 availableWei = escrow.availableOf(till);
        if (availableWei == 0) return;
        vm.prank(keeper);
        try tills.thaw(model, uint128(bound(amountWei, 1, availableWei))) {} catch {}
    }

    function takeBack(uint256 which) external {
        choose(which);
        vm.prank(keeper);
        try tills.takeBack(model) returns (uint256 amountWei) {
            takenBackWei += amountWei;
        } catch {}
    }

    function refund(uint256 which, uint256 amountWei) external {
        choose(which);
        uint256 balanceWei = token.balanceOf(till);
        if (balanceWei == 0) return;
        amountWei = bound(amountWei, 1, balanceWei);
        vm.prank(keeper);
        tills.refund(model, STRANGER, amountWei);
        refundedWei += amountWei;
    }

    function meddle(uint256 which, uint128 amountWei) external {
        choose(which);
        vm.prank(STRANGER);
        try tills.refund(model, STRANGER, bound(amountWei, 1, 1e20)) {
            revert("a stranger was refunded");
        } catch {}
        vm.prank(STRANGER);
        try tills.thaw(model, uint128(bound(amountWei, 1, 1e20))) {
            revert("a stranger thawed");
        } catch {}
    }

    function wait_(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1 hours, 2 days));
    }

    // For the invariants

    function eachTill() internal view returns (address[2] memory each) {
        each = [tills.tillOf(keeper, adapter), tills.tillOf(keeper, base)];
    }

    function lyingWei() external view returns (uint256 sumWei) {
        address[2] memory each = eachTill();
        for (uint256 i; i < 2; ++i) sumWei += token.balanceOf(each[i]);
    }

    function depositsWei() external view returns (uint256 sumWei) {
        address[2] memory each = eachTill();
        for (uint256 i; i < 2; ++i) sumWei += balanceOf(each[i]);
    }

    function setAsideIsThere() external view returns (bool) {
        address[2] memory each = eachTill();
        for (uint256 i; i < 2; ++i) {
            if (each[i].code.length != 0 && ITill(each[i]).setAsideWei() > token.balanceOf(each[i])) return false;
        }
        return true;
    }

    function strangersWei() external view returns (uint256) {
        return token.balanceOf(STRANGER);
    }
}

contract TillsInvariants is Invariants {
    TillsHandler internal handler;

    function setUp() public {
        handler = new TillsHandler();
        handler.start();
        bytes4[] memory selectors = new bytes4[](8);
        selectors[0] = TillsHandler.pay.selector;
        selectors[1] = TillsHandler.collect.selector;
        selectors[2] = TillsHandler.settle.selector;
        selectors[3] = TillsHandler.thaw.selector;
        selectors[4] = TillsHandler.takeBack.selector;
        selectors[5] = TillsHandler.refund.selector;
        selectors[6] = TillsHandler.meddle.selector;
        selectors[7] = TillsHandler.wait_.selector;
        target(address(handler), selectors);
    }

    function invariant_WhatLandedLiesThereOrWasDepositedOrGivenBack() public view {
        uint256 inWei = handler.landedWei() + handler.takenBackWei();
        equal(inWei, handler.lyingWei() + handler.collectedWei() + handler.refundedWei(), "tills");
    }

    function invariant_WhatWasCollectedIsDepositedOrSettledOrTakenBack() public view {
        uint256 outWei = handler.settledWei() + handler.takenBackWei();
        equal(handler.collectedWei(), handler.depositsWei() + outWei, "escrow");
    }

    function invariant_WhatIsSetAsideIsThere() public view {
        require(handler.setAsideIsThere(), "set aside");
    }

    function invariant_OnlyRefundsLeaveATillForAnythingButTheEscrow() public view {
        equal(handler.strangersWei(), handler.refundedWei(), "refunds");
    }
}
