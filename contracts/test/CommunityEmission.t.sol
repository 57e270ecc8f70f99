// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGuarded} from "../governance/IGuarded.sol";
import {IRewardDistributor} from "../rewards/IRewardDistributor.sol";
import {IRewardSink} from "../rewards/IRewardSink.sol";
import {ICommunityEmission, IEmissionVesting} from "../token/ICommunityEmission.sol";
import {IUpgradeable} from "./support/Economy.sol";
import {BadSink, Emitting} from "./support/Emitting.sol";

contract CommunityEmissionTest is Emitting {
    function nothing(uint256 allowedWei, uint256 heldWei) internal {
        vm.expectRevert(abi.encodeWithSelector(ICommunityEmission.EmissionNothing.selector, allowedWei, heldWei));
        emission.emitRewards();
    }

    function setRate(uint256 ratePerDayWei) internal {
        vm.prank(GOVERNOR);
        emission.setRatePerDay(ratePerDayWei);
    }

    function setSink(address sink) internal {
        vm.prank(GOVERNOR);
        emission.setSink(IRewardSink(sink));
    }

    function allowed(uint256 expectedWei, string memory what) internal view {
        equal(emission.allowedWei(), expectedWei, what);
    }

    // Setting up

    function test_ItStartsWithWhatItWasGivenAndNothingAllowed() public view {
        equal(address(emission.token()), address(token), "token");
        equal(address(emission.vesting()), address(wallet), "vesting");
        equal(address(emission.sink()), address(vault), "sink");
        equal(emission.ratePerDayWei(), RATE_WEI, "rate");
        equal(IUpgradeableEmission(address(emission)).owner(), GOVERNOR, "owner");
        equal(guarded.guardian(), GUARDIAN, "guardian");
        allowed(0, "allowed");
        equal(emission.emissible(), 0, "emissible");
        equal(wallet.owner(), address(emission), "it owns the wallet");
        equal(IUpgradeableEmission(address(emission)).MAX_RATE_PER_DAY_WEI(), 500_000e18, "most");
        equal(IUpgradeableEmission(address(emission)).CATCH_UP(), 7 days, "catch up");
        equal(IUpgradeableEmission(address(emission)).SOURCE(), bytes32("community"), "source");
    }

    function test_NobodyInitialisesAgainOrTheCodeBehindTheProxy() public {
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        initialise(emission);
        ICommunityEmission code = ICommunityEmission(deployed("CommunityEmission", ""));
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        initialise(code);
    }

    function initialise(ICommunityEmission uninitialised) internal {
        uninitialised.initialize(STRANGER, STRANGER, token, IEmissionVesting(address(1)), IRewardSink(address(1)), 0);
    }

    function test_AnEmissionWithoutTokenWalletSinkOrWithTooHighARateIsRefused() public {
        for (uint256 missing; missing < 3; ++missing) {
            vm.expectRevert(ICommunityEmission.EmissionUnset.selector);
            this.deployWithout(missing, RATE_WEI);
        }
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityEmission.EmissionRateTooHigh.selector, 500_000e18 + 1, 500_000e18)
        );
        this.deployWithout(3, 500_000e18 + 1);
        this.deployWithout(3, 500_000e18);
    }

    /// A call of its own, for the runner expects the next call to be the one that reverts.
    function deployWithout(uint256 missing, uint256 ratePerDayWei) external {
        newEmission(
            missing == 0 ? address(0) : address(token),
            missing == 1 ? address(0) : address(wallet),
            missing == 2 ? address(0) : address(vault),
            ratePerDayWei
        );
    }

    // Emitting

    function test_ItFundsTheSinkWithWhatTheRateAllows() public {
        vm.warp(block.timestamp + 1 days);
        uint256 vestedWei = wallet.releasable(address(token));
        require(vestedWei > RATE_WEI, "the wallet has more than the rate allows");
        equal(emission.emissible(), RATE_WEI, "emissible");
        vm.expectEmit(address(emission));
        emit ICommunityEmission.Emitted(address(vault), RATE_WEI, 0);
        vm.expectEmit(address(vault));
        emit IRewardDistributor.Funded(address(emission), "community", RATE_WEI, RATE_WEI);
        vm.prank(STRANGER);
        equal(emission.emitRewards(), RATE_WEI, "returned");
        equal(token.balanceOf(address(vault)), RATE_WEI, "sink");
        equal(token.balanceOf(address(emission)), vestedWei - RATE_WEI, "what is left stays");
        equal(token.allowance(address(emission), address(vault)), 0, "allowance");
        allowed(0, "allowed after");
        nothing(0, vestedWei - RATE_WEI);
    }

    function test_ItCountsBySecondsAndRoundsDown() public {
        vm.warp(block.timestamp + 1);
        allowed(RATE_WEI / 1 days, "a second");
        equal(emission.emitRewards(), RATE_WEI / 1 days, "a second's");
        vm.warp(block.timestamp + 86_399);
        allowed((RATE_WEI * 86_399) / 1 days, "the rest of the day");
    }

    function test_AccrualStopsAfterAWeek() public {
        vm.warp(block.timestamp + 7 days - 1);
        allowed((RATE_WEI * (7 days - 1)) / 1 days, "a second before");
        vm.warp(block.timestamp + 1);
        allowed(7 * RATE_WEI, "a week");
        vm.warp(block.timestamp + 365 days);
        allowed(7 * RATE_WEI, "a year later");
        equal(emission.emitRewards(), 7 * RATE_WEI, "emitted");
    }

    function test_WhatIsNotHereYetStaysAllowed() public {
        setRate(500_000e18); // above what vests
        vm.warp(block.timestamp + 1 days);
        uint256 vestedWei = wallet.releasable(address(token));
        require(vestedWei < 500_000e18, "the rate allows more than vests");
        equal(emission.emissible(), vestedWei, "emissible");
        uint256 leftWei = emission.allowedWei() - vestedWei;
        vm.expectEmit(address(emission));
        emit ICommunityEmission.Emitted(address(vault), vestedWei, leftWei);
        equal(emission.emitRewards(), vestedWei, "all that vested");
        allowed(leftWei, "left");
        nothing(leftWei, 0);
        vm.warp(block.timestamp + 1 days);
        allowed(leftWei + 500_000e18, "a day later");
    }

    function test_WhatIsSentHereIsEmittedToo() public {
        vm.prank(HOLDER);
        token.transfer(address(emission), 3 * RATE_WEI);
        vm.warp(block.timestamp + 1 days);
        uint256 vestedWei = wallet.releasable(address(token));
        emission.emitRewards();
        equal(token.balanceOf(address(emission)), 2 * RATE_WEI + vestedWei, "left");
    }

    function test_ASinkMustTakeExactlyWhatItIsFundedWith() public {
        BadSink bad = new BadSink(token, emission);
        setSink(address(bad));
        vm.warp(block.timestamp + 1 days);
        bad.take(RATE_WEI - 1, false);
        vm.expectRevert(abi.encodeWithSelector(ICommunityEmission.EmissionSinkTook.selector, RATE_WEI - 1, RATE_WEI));
        emission.emitRewards();
        bad.take(RATE_WEI + 1, false);
        vm.expectRevert(
            abi.encodeWithSignature(
                "ERC20InsufficientAllowance(address,uint256,uint256)",
                address(bad),
                RATE_WEI,
                RATE_WEI + 1
            )
        );
        emission.emitRewards();
        bad.take(RATE_WEI, false);
        emission.emitRewards();
        equal(token.balanceOf(address(bad)), RATE_WEI, "taken");
        equal(bad.source(), bytes32("community"), "source");
    }

    function test_ASinkThatCallsBackGainsNothing() public {
        setRate(500_000e18); // so that more is allowed than is here
        BadSink bad = new BadSink(token, emission);
        setSink(address(bad));
        vm.warp(block.timestamp + 1 days);
        uint256 vestedWei = wallet.releasable(address(token));
        bad.take(vestedWei, true);
        emission.emitRewards();
        equal(token.balanceOf(address(bad)), vestedWei, "once");
        equal(bytes32(bytes4(bad.reason())), bytes32(bytes4(keccak256("ReentrancyGuardReentrantCall()"))), "reason");
        allowed(500_000e18 - vestedWei, "counted once");
    }

    // Governing

    function test_ANewRateCountsFromNowOn() public {
        vm.warp(block.timestamp + 2 days);
        vm.expectEmit(address(emission));
        emit ICommunityEmission.RateSet(2 * RATE_WEI);
        setRate(2 * RATE_WEI);
        equal(emission.ratePerDayWei(), 2 * RATE_WEI, "rate");
        allowed(2 * RATE_WEI, "at the old rate");
        vm.warp(block.timestamp + 1 days);
        allowed(4 * RATE_WEI, "a day at the new one");
        setRate(RATE_WEI / 8); // a week at which is less than what accrued
        allowed(7 * (RATE_WEI / 8), "cut to a week of the new rate");
        setRate(RATE_WEI);
        allowed(7 * (RATE_WEI / 8), "what was cut does not come back");
        setRate(0);
        allowed(0, "none");
        vm.warp(block.timestamp + 30 days);
        allowed(0, "never");
        nothing(0, wallet.releasable(address(token)));
    }

    function test_NoGovernanceSetsTooHighARate() public {
        setRate(500_000e18);
        vm.prank(GOVERNOR);
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityEmission.EmissionRateTooHigh.selector, 500_000e18 + 1, 500_000e18)
        );
        emission.setRatePerDay(500_000e18 + 1);
    }

    function test_ASinkIsNeededAndTold() public {
        vm.prank(GOVERNOR);
        vm.expectRevert(ICommunityEmission.EmissionUnset.selector);
        emission.setSink(IRewardSink(address(0)));
        vm.expectEmit(address(emission));
        emit ICommunityEmission.SinkSet(STRANGER);
        setSink(STRANGER);
        equal(address(emission.sink()), STRANGER, "sink");
    }

    function test_OnlyGovernanceSetsRateAndSinkAndUpgrades() public {
        address code = deployed("CommunityEmission", "");
        address[2] memory others = [STRANGER, GUARDIAN];
        for (uint256 i; i < 2; ++i) {
            bytes memory reason = abi.encodeWithSelector(IUpgradeable.OwnableUnauthorizedAccount.selector, others[i]);
            vm.startPrank(others[i]);
            vm.expectRevert(reason);
            emission.setRatePerDay(1);
            vm.expectRevert(reason);
            emission.setSink(IRewardSink(others[i]));
            vm.expectRevert(reason);
            IUpgradeable(address(emission)).upgradeToAndCall(code, "");
            vm.stopPrank();
        }
        vm.warp(block.timestamp + 1 days);
        vm.prank(GOVERNOR);
        IUpgradeable(address(emission)).upgradeToAndCall(code, "");
        allowed(RATE_WEI, "state stays");
        equal(emission.emitRewards(), RATE_WEI, "and works");
    }

    // The guard, which all upgradeable contracts share

    function test_TheGuardianStopsEmissionAndOnlyGovernanceGoesOn() public {
        vm.warp(block.timestamp + 1 days);
        require(!guarded.isPaused(), "paused at the start");
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IGuarded.GuardedNotGuardian.selector, STRANGER));
        guarded.pause();
        vm.expectEmit(address(emission));
        emit IGuarded.Paused(GUARDIAN);
        vm.prank(GUARDIAN);
        guarded.pause();
        require(guarded.isPaused(), "not paused");
        vm.expectRevert(IGuarded.GuardedPaused.selector);
        emission.emitRewards();
        vm.prank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(IUpgradeable.OwnableUnauthorizedAccount.selector, GUARDIAN));
        guarded.unpause();
        vm.expectEmit(address(emission));
        emit IGuarded.Unpaused(GOVERNOR);
        vm.prank(GOVERNOR);
        guarded.unpause();
        require(!guarded.isPaused(), "still paused");
        emission.emitRewards();
    }

    function test_GovernancePausesTooAndNamesTheGuardian() public {
        vm.prank(GOVERNOR);
        guarded.pause();
        require(guarded.isPaused(), "not paused");
        vm.prank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(IUpgradeable.OwnableUnauthorizedAccount.selector, GUARDIAN));
        guarded.setGuardian(STRANGER);
        vm.expectEmit(address(emission));
        emit IGuarded.GuardianSet(STRANGER);
        vm.prank(GOVERNOR);
        guarded.setGuardian(STRANGER);
        equal(guarded.guardian(), STRANGER, "guardian");
        vm.prank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(IGuarded.GuardedNotGuardian.selector, GUARDIAN));
        guarded.pause();
        vm.prank(STRANGER);
        guarded.pause();
    }
}

interface IUpgradeableEmission {
    function owner() external view returns (address);
    function MAX_RATE_PER_DAY_WEI() external view returns (uint256);
    function CATCH_UP() external view returns (uint256);
    function SOURCE() external view returns (bytes32);
}
