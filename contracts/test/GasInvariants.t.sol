// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PackedUserOperation} from "@account-abstraction/contracts/interfaces/PackedUserOperation.sol";
import {Invariants} from "./support/Invariants.sol";
import {KeyedAccount, Operations} from "./support/Operations.sol";

/// Drives the paymaster at random: two senders, any limits, failing calls, moving and ageing prices, donations, sweeps.
contract GasHandler is Operations {
    uint256 public chargedWei;
    uint256 public donatedWei;
    uint256 public sweptWei;
    uint256 public costWei;
    uint256 public previousWei = PRICE_WEI;
    uint256 public worstChangePpm;
    uint256[2] internal keys = [SENDER_KEY, OTHER_KEY];
    uint64[] internal days_;

    function start() external {
        setUp();
        days_.push(today());
    }

    function run(uint256 who, uint128 callGas, uint128 postOpGas, uint256 preVerification, bool fails) external {
        chain.fee(bound(who >> 8, 0, MAX_FEE));
        Gas memory gas = usualGas();
        gas.call = uint128(bound(callGas, 0, 200_000));
        gas.postOp = uint128(bound(postOpGas, POST_OP_GAS, 200_000));
        gas.preVerification = bound(preVerification, 0, 60_000);
        bytes memory call = fails ? abi.encodeCall(KeyedAccount.refuseLoudly, ()) : bytes("");
        PackedUserOperation[] memory ops = alone(operation(keys[who % 2], call, gas, ""));
        uint256 spentWei = paymaster.spentOn(today());
        (uint256 priceWei, ) = prices.price();
        try entryPoint.handleOps(ops, BUNDLER) {
            uint256 newWei = paymaster.spentOn(today()) - spentWei;
            costWei += newWei;
            chargedWei += chargeOf(newWei, priceWei);
        } catch {
            equal(paymaster.spentOn(today()), spentWei, "a refused operation costs nothing");
        }
    }

    function movePrice(uint256 wishWei) external {
        (uint256 beforeWei, ) = prices.price();
        vm.prank(KEEPER);
        try prices.update(bound(wishWei, beforeWei / 2, beforeWei * 2)) {} catch {}
        (uint256 openWei, ) = prices.price();
        uint256 changeWei = openWei > beforeWei ? openWei - beforeWei : beforeWei - openWei;
        uint256 changePpm = (changeWei * 1_000_000) / beforeWei;
        if (changePpm > worstChangePpm) worstChangePpm = changePpm;
        if (days_[days_.length - 1] != today()) days_.push(today());
    }

    function keepPrice() external {
        (uint256 openWei, ) = prices.price();
        vm.warp(block.timestamp + 600);
        vm.prank(KEEPER);
        prices.update(openWei);
        if (days_[days_.length - 1] != today()) days_.push(today());
    }

    function donate(uint256 amountWei) external {
        amountWei = bound(amountWei, 1, 1e18);
        token.transfer(address(paymaster), amountWei);
        donatedWei += amountWei;
    }

    function sweep() external {
        try paymaster.sweep() returns (uint256 amountWei) {
            sweptWei += amountWei;
        } catch {}
    }

    function wait_(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1 minutes, 8 hours));
    }

    // For the invariants

    function heldWei() external view returns (uint256) {
        return token.balanceOf(address(paymaster));
    }

    function goneWei() external view returns (uint256) {
        return NATIVE_WEI - paymaster.getDeposit();
    }

    function priceWei_() external view returns (uint256 openWei) {
        (openWei, ) = prices.price();
    }

    function worstDayWei() external view returns (uint256 worstWei) {
        for (uint256 i; i < days_.length; ++i) {
            uint256 dayWei = paymaster.spentOn(days_[i]);
            if (dayWei > worstWei) worstWei = dayWei;
            uint256 sumWei = paymaster.spentBy(sender, days_[i]) + paymaster.spentBy(other, days_[i]);
            equal(sumWei, dayWei, "a day is its senders'");
        }
    }

    function worstSenderWei() external view returns (uint256 worstWei) {
        for (uint256 i; i < days_.length; ++i) {
            uint256 dayWei = paymaster.spentBy(sender, days_[i]);
            if (dayWei > worstWei) worstWei = dayWei;
        }
    }

    function capsWei() external pure returns (uint256 dayWei, uint256 senderWei) {
        return (DAY_CAP, SENDER_CAP);
    }
}

contract GasInvariants is Invariants {
    GasHandler internal handler;

    function setUp() public {
        handler = new GasHandler();
        handler.start();
        bytes4[] memory selectors = new bytes4[](7);
        selectors[0] = GasHandler.run.selector;
        selectors[1] = GasHandler.movePrice.selector;
        selectors[2] = GasHandler.keepPrice.selector;
        selectors[3] = GasHandler.donate.selector;
        selectors[4] = GasHandler.sweep.selector;
        selectors[5] = GasHandler.wait_.selector;
        selectors[6] = GasHandler.run.selector;
        target(address(handler), selectors);
    }

    function invariant_ThePaymasterHoldsWhatWasChargedAndNotSwept() public view {
        equal(handler.heldWei() + handler.sweptWei(), handler.chargedWei() + handler.donatedWei(), "OPEN");
    }

    function invariant_NoNativeCoinIsSpentThatNobodyPaidFor() public view {
        require(handler.goneWei() <= handler.costWei(), "native coin");
    }

    function invariant_NoDayAndNoSenderPassesItsCap() public view {
        (uint256 dayWei, uint256 senderWei) = handler.capsWei();
        require(handler.worstDayWei() <= dayWei, "day");
        require(handler.worstSenderWei() <= senderWei, "sender");
    }

    function invariant_ThePriceMovesNoFasterThanItsBounds() public view {
        uint256 openWei = handler.priceWei_();
        require(openWei >= 1_000e18 && openWei <= 20_000e18, "bounds");
        require(handler.worstChangePpm() <= 100_000, "change");
    }
}
