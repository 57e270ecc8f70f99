// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICommunityEmission} from "../token/ICommunityEmission.sol";
import {Emitting} from "./support/Emitting.sol";
import {Invariants} from "./support/Invariants.sol";

/// Drives the emission at random: time, rates, gifts, emissions. Counts for itself what the rate allowed, without any cap.
contract EmissionHandler is Emitting {
    uint256 internal constant COMMUNITY_WEI = 351_600_000e18;
    uint256 public emittedWei;
    uint256 public givenWei;
    uint256 internal accruedWei; // at the rates there were, summed
    uint256 internal countedAt;
    uint256 internal startedAt;

    function start() external {
        setUp();
        (countedAt, startedAt) = (block.timestamp, block.timestamp);
    }

    function wait_(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 10 days));
    }

    function emitRewards() external {
        uint256 dueWei = emission.emissible();
        uint256 allowedWei = emission.allowedWei();
        try emission.emitRewards() returns (uint256 amountWei) {
            equal(amountWei, dueWei, "what was said to be due");
            equal(emission.allowedWei(), allowedWei - amountWei, "allowed after");
            emittedWei += amountWei;
        } catch (bytes memory reason) {
            equal(bytes32(bytes4(reason)), bytes32(ICommunityEmission.EmissionNothing.selector), "reason");
            equal(dueWei, 0, "nothing was due");
        }
    }

    function setRate(uint256 ratePerDayWei) external {
        accruedWei = rateTimeWei();
        countedAt = block.timestamp;
        vm.prank(GOVERNOR);
        emission.setRatePerDay(bound(ratePerDayWei, 0, 500_000e18));
    }

    function give(uint256 amountWei) external {
        amountWei = bound(amountWei, 0, 100_000e18);
        vm.prank(HOLDER);
        token.transfer(address(emission), amountWei);
        givenWei += amountWei;
    }

    function release() external {
        wallet.release(address(token));
    }

    // For the invariants

    function rateTimeWei() public view returns (uint256) {
        return accruedWei + (emission.ratePerDayWei() * (block.timestamp - countedAt)) / 1 days;
    }

    function allowed() external view returns (uint256 allowedWei, uint256 ratePerDayWei) {
        return (emission.allowedWei(), emission.ratePerDayWei());
    }

    function fundedWei() external view returns (uint256 heldWei, uint256 countedWei) {
        return (token.balanceOf(address(vault)), vault.funded());
    }

    function sums() external view returns (uint256 foundWei, uint256 expectedWei) {
        foundWei = token.balanceOf(address(wallet)) + token.balanceOf(address(emission));
        return (foundWei + emittedWei, COMMUNITY_WEI + givenWei);
    }

    function releasedWei() external view returns (uint256 takenWei, uint256 vestedWei) {
        uint256 passed = block.timestamp - startedAt;
        if (passed > 48 * 2_629_746) passed = 48 * 2_629_746;
        return (wallet.released(address(token)), (COMMUNITY_WEI * passed) / (48 * 2_629_746));
    }

    function allowanceWei() external view returns (uint256) {
        return token.allowance(address(emission), address(vault));
    }
}

contract EmissionInvariants is Invariants {
    EmissionHandler internal handler;

    function setUp() public {
        handler = new EmissionHandler();
        handler.start();
        bytes4[] memory selectors = new bytes4[](5);
        selectors[0] = EmissionHandler.wait_.selector;
        selectors[1] = EmissionHandler.emitRewards.selector;
        selectors[2] = EmissionHandler.setRate.selector;
        selectors[3] = EmissionHandler.give.selector;
        selectors[4] = EmissionHandler.release.selector;
        target(address(handler), selectors);
    }

    function invariant_NeverIsMoreEmittedThanRateTimesTime() public view {
        (uint256 allowedWei, uint256 ratePerDayWei) = handler.allowed();
        require(handler.emittedWei() + allowedWei <= handler.rateTimeWei(), "more than rate times time");
        require(allowedWei <= 7 * ratePerDayWei, "more than a week at once");
    }

    function invariant_TheVaultGetsWhatIsEmitted() public view {
        (uint256 heldWei, uint256 countedWei) = handler.fundedWei();
        equal(heldWei, handler.emittedWei(), "held");
        equal(countedWei, handler.emittedWei(), "counted");
        equal(handler.allowanceWei(), 0, "nothing stays approved");
    }

    function invariant_TheCommunitysShareIsVestingHereOrEmitted() public view {
        (uint256 foundWei, uint256 expectedWei) = handler.sums();
        equal(foundWei, expectedWei, "sums");
    }

    function invariant_NeverIsMoreReleasedThanVested() public view {
        (uint256 takenWei, uint256 vestedWei) = handler.releasedWei();
        require(takenWei <= vestedWei, "more than vested");
    }
}
