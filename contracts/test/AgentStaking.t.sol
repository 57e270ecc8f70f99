// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IAgentOwners} from "../agents/IAgentOwners.sol";
import {IAgentStaking} from "../agents/IAgentStaking.sol";
import {IModelOwners} from "../agents/IModelOwners.sol";
import {IGuarded} from "../governance/IGuarded.sol";
import {IRewardSink} from "../rewards/IRewardSink.sol";
import {OpenToken} from "../token/OpenToken.sol";
import {Agents} from "./support/Agents.sol";
import {IUpgradeable} from "./support/Economy.sol";

interface IStakingParameters {
    function thawTime() external view returns (uint64);
    function slashPpm() external view returns (uint32);
    function windowPpm() external view returns (uint32);
    function bountyPpm() external view returns (uint32);
    function token() external view returns (address);
    function agents() external view returns (address);
    function models() external view returns (address);
    function sink() external view returns (address);
}

contract AgentStakingTest is Agents {
    bytes32 internal constant PERMIT = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    function parameters() internal view returns (IStakingParameters) {
        return IStakingParameters(address(agentStaking));
    }

    // Setting up

    function test_StakingWithoutItsPartsIsRefused() public {
        for (uint256 missing; missing < 4; ++missing) {
            vm.expectRevert(IAgentStaking.StakingZeroAddress.selector);
            this.deployWithout(missing);
        }
    }

    function deployWithout(uint256 missing) external {
        address[4] memory parts = [address(token), address(directory), address(directory), address(vault)];
        parts[missing] = address(0);
        proxy(
            "AgentStaking",
            abi.encodeCall(
                IAgentStaking.initialize,
                (
                    GOVERNOR,
                    GUARDIAN,
                    OpenToken(parts[0]),
                    IAgentOwners(parts[1]),
                    IModelOwners(parts[2]),
                    IRewardSink(parts[3]),
                    STAKE_THAW
                )
            )
        );
    }

    function test_ItIsSetUpOnceAndUpgradedByGovernanceAlone() public {
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        agentStaking.initialize(GOVERNOR, GUARDIAN, token, directory, directory, IRewardSink(address(vault)), 1 days);
        address code = deployed("AgentStaking", "");
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        IAgentStaking(code).initialize(
            GOVERNOR,
            GUARDIAN,
            token,
            directory,
            directory,
            IRewardSink(address(vault)),
            1 days
        );
        expectNotOwner(STRANGER);
        IUpgradeable(address(agentStaking)).upgradeToAndCall(code, "");
        vm.prank(GOVERNOR);
        IUpgradeable(address(agentStaking)).upgradeToAndCall(code, "");
        equal(parameters().token(), address(token), "state outlives an upgrade");
    }

    function test_ItStartsWithItsDefaults() public view {
        equal(parameters().thawTime(), STAKE_THAW, "thaw time");
        equal(parameters().slashPpm(), 300_000, "a slash");
        equal(parameters().windowPpm(), 500_000, "a window");
        equal(parameters().bountyPpm(), 500_000, "bounty");
        equal(parameters().agents(), address(directory), "agents");
        equal(parameters().models(), address(directory), "models");
        equal(parameters().sink(), address(vault), "sink");
        equal(IGuarded(address(agentStaking)).guardian(), GUARDIAN, "guardian");
    }

    // In

    function test_AStakeBuysSharesOfItsPool() public {
        vm.expectEmit(address(agentStaking));
        emit IAgentStaking.Staked(AGENT, operator, operator, 100, 100 * SHARES);
        equal(stake(AGENT, operator, 100), 100 * SHARES, "shares");
        equal(token.balanceOf(address(agentStaking)), 100, "held");
        equal(agentStaking.activeWei(AGENT), 100, "active");
        equal(agentStaking.slashableWei(AGENT), 100, "slashable");
        (uint256 shares, uint256 amountWei) = agentStaking.stakeOf(AGENT, operator);
        equal(shares, 100 * SHARES, "shares held");
        equal(amountWei, 100, "worth");
        IAgentStaking.Pool memory pool = agentStaking.poolOf(AGENT);
        equal(pool.activeShares, 100 * SHARES, "pool's shares");
        equal(pool, 100, 0);
    }

    function test_AnybodyStakesForAnybodyOnAgentsAndModels() public {
        vm.expectEmit(address(agentStaking));
        emit IAgentStaking.Staked(MODEL, STRANGER, delegator, 70, 70 * SHARES);
        vm.prank(delegator);
        agentStaking.stake(MODEL, STRANGER, 70);
        equal(stakeOf(MODEL, STRANGER), 70, "whose it is");
        equal(stakeOf(MODEL, delegator), 0, "who paid");
        stake(MODEL, operator, 30);
        equal(agentStaking.activeWei(MODEL), 100, "together");
        equal(agentStaking.activeWei(AGENT), 0, "pools are apart");
    }

    function test_AStakeOfNothingForNobodyOnNothingOrWithoutLeaveIsRefused() public {
        vm.expectRevert(IAgentStaking.StakingZeroAddress.selector);
        agentStaking.stake(AGENT, address(0), 1);
        vm.expectRevert(IAgentStaking.StakingZeroAmount.selector);
        agentStaking.stake(AGENT, operator, 0);
        bytes32[5] memory unknown = [
            bytes32(0),
            bytes32(AGENT_ID + 1),
            bytes32(uint256(type(uint64).max)),
            bytes32(uint256(type(uint64).max) + 1),
            keccak256("other")
        ];
        for (uint256 i; i < 5; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingUnknownPool.selector, unknown[i]));
            agentStaking.stake(unknown[i], operator, 1);
        }
        vm.prank(STRANGER);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(agentStaking), 0, 1)
        );
        agentStaking.stake(AGENT, STRANGER, 1);
    }

    function test_TheLastNumberIsAnAgentAndTheNextIsAModel() public {
        bytes32 last = bytes32(uint256(type(uint64).max));
        bytes32 next = bytes32(uint256(type(uint64).max) + 1);
        directory.setOperator(type(uint64).max, operator);
        directory.setOwner(next, operator);
        stake(last, operator, 1);
        stake(next, operator, 1);
        vm.prank(operator);
        agentStaking.setCommission(last, 1);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingNotOperator.selector, next, operator));
        agentStaking.setCommission(next, 1);
    }

    function test_AStakeThatBuysNoShareIsRefused() public {
        stake(AGENT, operator, 1e9);
        agentStaking.reward(AGENT, 1e9 * 2e6);
        vm.prank(delegator);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingTooSmall.selector, AGENT, 1));
        agentStaking.stake(AGENT, delegator, 1);
        stake(AGENT, delegator, 3);
    }

    function test_APauseStopsNewStakesAndNothingElse() public {
        stake(AGENT, operator, 2e9);
        pauseAs(GUARDIAN, address(agentStaking));
        vm.prank(operator);
        vm.expectRevert(IGuarded.GuardedPaused.selector);
        agentStaking.stake(AGENT, operator, 1);
        vm.prank(operator);
        vm.expectRevert(IGuarded.GuardedPaused.selector);
        agentStaking.stakeWithPermit(AGENT, operator, 1, 0, 0, 0, 0);
        agentStaking.reward(AGENT, 10);
        equal(slash(AGENT, 10), 10, "slashed");
        thawAll(AGENT, operator);
        vm.warp(block.timestamp + STAKE_THAW);
        equal(withdraw(AGENT, operator), 2e9, "withdrawn");
    }

    function test_AStakeCanComeWithItsPermitEvenIfSomebodyUsedThatFirst() public {
        vm.prank(delegator);
        token.approve(address(agentStaking), 0);
        (uint8 v, bytes32 r, bytes32 s) = permit(60, 0);
        vm.prank(delegator);
        equal(agentStaking.stakeWithPermit(AGENT, delegator, 60, block.timestamp, v, r, s), 60 * SHARES, "shares");
        (v, r, s) = permit(40, 1);
        vm.prank(STRANGER);
        token.permit(delegator, address(agentStaking), 40, block.timestamp, v, r, s);
        vm.prank(delegator);
        agentStaking.stakeWithPermit(AGENT, delegator, 40, block.timestamp, v, r, s);
        equal(stakeOf(AGENT, delegator), 100, "both");
        vm.prank(delegator);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(agentStaking), 0, 40)
        );
        agentStaking.stakeWithPermit(AGENT, delegator, 40, block.timestamp, v, r, s);
    }

    function permit(uint256 amountWei, uint256 nonce) internal view returns (uint8, bytes32, bytes32) {
        bytes32 message = keccak256(
            abi.encode(PERMIT, delegator, address(agentStaking), amountWei, nonce, block.timestamp)
        );
        return vm.sign(DELEGATOR_KEY, keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), message)));
    }

    // Out

    function test_AStakerTakesBackWhatThawed() public {
        stake(AGENT, operator, 100);
        uint256 until = block.timestamp + STAKE_THAW;
        vm.expectEmit(address(agentStaking));
        emit IAgentStaking.ThawStarted(AGENT, operator, 40 * SHARES, 40 * SHARES, 40, until);
        vm.prank(operator);
        equal(agentStaking.thaw(AGENT, 40 * SHARES), 40, "worth");
        IAgentStaking.Pool memory pool = agentStaking.poolOf(AGENT);
        equal(pool, 60, 40);
        equal(pool.activeShares, 60 * SHARES, "active shares");
        equal(pool.thawingShares, 40 * SHARES, "thawing shares");
        equal(agentStaking.activeWei(AGENT), 60, "active");
        equal(agentStaking.slashableWei(AGENT), 100, "slashable while it thaws");
        equal(stakeOf(AGENT, operator), 60, "left");
        equal(agentStaking.thawsOf(AGENT, operator)[0].until, until, "clock");
        equal(agentStaking.thawsOf(AGENT, operator)[0].shares, 40 * SHARES, "thaw");
        vm.warp(until - 1);
        refusesToWithdraw(until);
        vm.warp(until);
        vm.expectEmit(address(agentStaking));
        emit IAgentStaking.StakeWithdrawn(AGENT, operator, STRANGER, 40);
        vm.prank(operator);
        equal(agentStaking.withdraw(AGENT, STRANGER), 40, "taken");
        equal(token.balanceOf(STRANGER), 40, "arrived");
        equal(agentStaking.poolOf(AGENT), 60, 0);
        equal(agentStaking.poolOf(AGENT).thawingShares, 0, "no share thaws");
        equal(agentStaking.thawsOf(AGENT, operator).length, 0, "thaw is gone");
        refusesToWithdraw(0);
    }

    function refusesToWithdraw(uint256 until) internal {
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingStillThawing.selector, AGENT, operator, until));
        agentStaking.withdraw(AGENT, operator);
    }

    function test_EachThawKeepsItsOwnClock() public {
        stake(AGENT, operator, 100);
        uint256 start = block.timestamp;
        vm.prank(operator);
        agentStaking.thaw(AGENT, 10 * SHARES);
        vm.prank(GOVERNOR);
        agentStaking.setThawTime(2 days);
        vm.warp(start + 1 days);
        vm.prank(operator);
        agentStaking.thaw(AGENT, 20 * SHARES);
        vm.prank(GOVERNOR);
        agentStaking.setThawTime(30 days);
        vm.prank(operator);
        agentStaking.thaw(AGENT, 30 * SHARES);
        refusesToWithdraw(start + 3 days);
        vm.warp(start + 3 days);
        equal(withdraw(AGENT, operator), 20, "the second is over first");
        equal(agentStaking.thawsOf(AGENT, operator).length, 2, "two are kept");
        equal(agentStaking.thawsOf(AGENT, operator)[1].shares, 30 * SHARES, "in their order");
        refusesToWithdraw(start + STAKE_THAW);
        vm.warp(start + 31 days);
        equal(withdraw(AGENT, operator), 40, "the others");
    }

    function test_AThawOfMoreThanHeldOrOfNothingOrOneTooManyIsRefused() public {
        stake(AGENT, operator, 100);
        vm.prank(operator);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAgentStaking.StakingTooFewShares.selector,
                AGENT,
                operator,
                100 * SHARES + 1,
                100 * SHARES
            )
        );
        agentStaking.thaw(AGENT, 100 * SHARES + 1);
        vm.prank(operator);
        vm.expectRevert(IAgentStaking.StakingZeroAmount.selector);
        agentStaking.thaw(AGENT, SHARES - 1);
        for (uint256 i; i < 16; ++i) {
            vm.prank(operator);
            agentStaking.thaw(AGENT, SHARES);
        }
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingTooManyThaws.selector, AGENT, operator, 16));
        agentStaking.thaw(AGENT, SHARES);
        vm.warp(block.timestamp + STAKE_THAW);
        equal(withdraw(AGENT, operator), 16, "all sixteen");
    }

    function test_NothingIsWithdrawnToNobody() public {
        vm.expectRevert(IAgentStaking.StakingZeroAddress.selector);
        agentStaking.withdraw(AGENT, address(0));
    }

    // Rewards

    function test_RewardsFallToActiveSharesAlike() public {
        stake(AGENT, operator, 3e9);
        stake(AGENT, delegator, 1e9);
        vm.prank(delegator);
        agentStaking.thaw(AGENT, 5e8 * SHARES);
        vm.expectEmit(address(agentStaking));
        emit IAgentStaking.Rewarded(AGENT, address(this), operator, 7e9, 0);
        agentStaking.reward(AGENT, 7e9);
        // A virtual wei takes its part, so each gets a little less.
        equal(stakeOf(AGENT, operator), 9e9 - 2, "three wei each, for the operator");
        equal(stakeOf(AGENT, delegator), 15e8 - 1, "and for what the delegator left");
        equal(agentStaking.poolOf(AGENT), 105e8, 5e8);
        equal(token.balanceOf(address(agentStaking)), 11e9, "held");
    }

    function diverted(uint256 amountWei) internal {
        uint256 fundedWei = vault.funded();
        uint256 heldWei = token.balanceOf(address(agentStaking));
        IAgentStaking.Pool memory pool = agentStaking.poolOf(AGENT);
        vm.expectEmit(address(agentStaking));
        emit IAgentStaking.RewardDiverted(AGENT, address(this), amountWei);
        agentStaking.reward(AGENT, amountWei);
        equal(vault.funded() - fundedWei, amountWei, "to the vault");
        equal(token.balanceOf(address(agentStaking)), heldWei, "nothing stays");
        equal(agentStaking.poolOf(AGENT), pool.activeWei, pool.thawingWei);
    }

    function test_ARewardThatNobodyCouldShareGoesToTheVault() public {
        diverted(5);
        stake(AGENT, operator, 1e9 - 1);
        require(!agentStaking.hasStake(AGENT), "too little");
        diverted(7);
        stake(AGENT, operator, 1);
        require(agentStaking.hasStake(AGENT), "enough");
        vm.expectRevert(IAgentStaking.StakingZeroAmount.selector);
        agentStaking.reward(AGENT, 0);
        agentStaking.reward(AGENT, 3);
        equal(vault.funded(), 12, "no more to the vault");
        equal(agentStaking.poolOf(AGENT), 1e9 + 3, 0);
        thawAll(AGENT, operator);
        require(!agentStaking.hasStake(AGENT), "all thaws");
        diverted(1);
    }

    function test_ARewardIsPulledFromItsSender() public {
        stake(AGENT, operator, 1e9);
        vm.prank(STRANGER);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(agentStaking), 0, 5)
        );
        agentStaking.reward(AGENT, 5);
    }

    function test_AnOperatorTakesItsCommissionAfterItsNotice() public {
        stake(AGENT, delegator, 1e9);
        vm.expectEmit(address(agentStaking));
        emit IAgentStaking.CommissionSet(AGENT, 300_000, block.timestamp + 7 days);
        setCommission(300_000);
        vm.warp(block.timestamp + 7 days - 1);
        equal(agentStaking.commissionPpm(AGENT), 0, "before");
        agentStaking.reward(AGENT, 1e9);
        equal(agentStaking.earned(operator), 0, "nothing before");
        vm.warp(block.timestamp + 1);
        equal(agentStaking.commissionPpm(AGENT), 300_000, "after");
        vm.expectEmit(address(agentStaking));
        emit IAgentStaking.Rewarded(AGENT, address(this), operator, 999, 299);
        agentStaking.reward(AGENT, 999);
        equal(agentStaking.earned(operator), 299, "rounded down");
        agentStaking.reward(AGENT, 10);
        equal(agentStaking.activeWei(AGENT), 2e9 + 707, "the rest");
        uint256 heldWei = token.balanceOf(address(agentStaking));
        vm.expectEmit(address(agentStaking));
        emit IAgentStaking.CommissionWithdrawn(operator, STRANGER, 302);
        vm.prank(operator);
        equal(agentStaking.withdrawCommission(STRANGER), 302, "taken");
        equal(token.balanceOf(STRANGER), 302, "arrived");
        equal(token.balanceOf(address(agentStaking)), heldWei - 302, "left");
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingNothingEarned.selector, operator));
        agentStaking.withdrawCommission(operator);
    }

    function setCommission(uint32 ppm) internal {
        vm.prank(operator);
        agentStaking.setCommission(AGENT, ppm);
    }

    function test_ALowerCommissionIsInForceAtOnce() public {
        setCommission(200_000);
        vm.warp(block.timestamp + 7 days);
        setCommission(250_000);
        equal(agentStaking.commissionPpm(AGENT), 200_000, "not yet higher");
        vm.expectEmit(address(agentStaking));
        emit IAgentStaking.CommissionSet(AGENT, 200_000, block.timestamp);
        setCommission(200_000);
        vm.warp(block.timestamp + 7 days);
        equal(agentStaking.commissionPpm(AGENT), 200_000, "the announcement was taken back");
        setCommission(100_000);
        equal(agentStaking.commissionPpm(AGENT), 100_000, "lower");
    }

    function test_ACommissionOfAnotherOrAboveItsCapIsRefused() public {
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingNotOperator.selector, AGENT, STRANGER));
        agentStaking.setCommission(AGENT, 1);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingNotOperator.selector, MODEL, STRANGER));
        agentStaking.setCommission(MODEL, 1);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingRateTooHigh.selector, 300_001, 300_000));
        agentStaking.setCommission(AGENT, 300_001);
    }

    function test_AModelsPoolPaysNoCommission() public {
        stake(MODEL, delegator, 1e9);
        vm.expectEmit(address(agentStaking));
        emit IAgentStaking.Rewarded(MODEL, address(this), address(0), 1e9, 0);
        agentStaking.reward(MODEL, 1e9);
        equal(agentStaking.activeWei(MODEL), 2e9, "all of it");
    }

    // Slashing

    function test_ASlashTakesFromActiveAndThawingAlikeAndPaysHalfAsBounty() public {
        stake(AGENT, operator, 1000);
        stake(AGENT, delegator, 1000);
        vm.prank(delegator);
        agentStaking.thaw(AGENT, 500 * SHARES);
        vm.expectEmit(address(agentStaking));
        emit IAgentStaking.Slashed(AGENT, SLASHER, BOUNTY, 401, 301, 200);
        equal(slash(AGENT, 401), 401, "slashed");
        equal(agentStaking.poolOf(AGENT), 1199, 400);
        equal(agentStaking.slashableWei(AGENT), 1599, "left");
        equal(token.balanceOf(BOUNTY), 200, "bounty, rounded down");
        equal(vault.funded(), 201, "rewards get the rest");
        equal(token.balanceOf(address(agentStaking)), 1599, "held");
        vm.warp(block.timestamp + STAKE_THAW);
        equal(withdraw(AGENT, delegator), 400, "the thaw lost a fifth");
    }

    function bountyOf(bytes32 poolId, uint256 amountWei) internal returns (uint256 bountyWei) {
        uint256 before = token.balanceOf(BOUNTY);
        equal(slash(poolId, amountWei), amountWei, "slashed");
        bountyWei = token.balanceOf(BOUNTY) - before;
        vm.warp(block.timestamp + 8 days);
    }

    function test_ABountyIsAtMostWhatOperatorAndOwnerLost() public {
        stake(AGENT, delegator, 9000);
        equal(bountyOf(AGENT, 1000), 0, "an operator without stake lives on nobody's");
        stake(AGENT, operator, 1000);
        equal(bountyOf(AGENT, 900), 99, "what the operator lost, rounded down");
        directory.setAgentOwner(AGENT_ID, STRANGER);
        equal(bountyOf(AGENT, 810), 90 - 1, "an owner without stake adds nothing");
        vm.prank(operator);
        agentStaking.stake(AGENT, STRANGER, 1000);
        equal(bountyOf(AGENT, 829), 180, "operator and owner together");
        directory.setOperator(AGENT_ID, STRANGER);
        equal(bountyOf(AGENT, 746), 89, "who is both counts once");
        vm.prank(operator);
        agentStaking.stake(MODEL, STRANGER, 100);
        stake(MODEL, delegator, 300);
        equal(bountyOf(MODEL, 40), 9, "a model's owner answers for it");
    }

    function test_ASlashWithoutAHunterGoesToRewards() public {
        stake(AGENT, operator, 1000);
        vm.expectEmit(address(agentStaking));
        emit IAgentStaking.Slashed(AGENT, SLASHER, address(0), 300, 300, 0);
        vm.prank(SLASHER);
        equal(agentStaking.slash(AGENT, 300, address(0)), 300, "slashed");
        equal(vault.funded(), 300, "rewards");
        equal(token.balanceOf(address(agentStaking)), 700, "held");
    }

    function test_ASlashIsCappedEachTimeAndInItsWindow() public {
        uint256 day = 100 days;
        vm.warp(day + 1 hours);
        stake(AGENT, operator, 1e9);
        equal(agentStaking.slashLimitWei(AGENT), 3e8, "limit");
        equal(slash(AGENT, type(uint256).max), 3e8, "three tenths");
        equal(agentStaking.slashLimitWei(AGENT), 14e7, "a fifth of what is left");
        equal(slash(AGENT, 14e7 + 1), 14e7, "the rest of the window");
        equal(slash(AGENT, 1), 0, "no more");
        equal(agentStaking.activeWei(AGENT), 56e7, "a zero slash takes nothing");
        vm.warp(day + 8 days - 1);
        equal(slash(AGENT, 1), 0, "still within the window");
        vm.warp(day + 8 days);
        equal(slash(AGENT, type(uint256).max), 168e6, "a new window");
    }

    function test_NobodyLosesMoreThanTheWindowsCapWhoeverJoins() public {
        stake(AGENT, operator, 1e9);
        slash(AGENT, 3e8);
        stake(AGENT, delegator, 1e18);
        while (slash(AGENT, type(uint256).max) != 0) {}
        require(stakeOf(AGENT, operator) >= 5e8, "the first lost more than half");
        require(stakeOf(AGENT, delegator) >= 8e17 - 1, "the second lost more than what the window left");
    }

    function test_WhatASlashTookIsRoundedUpAgainstTheWindow() public {
        vm.prank(GOVERNOR);
        agentStaking.setSlashCaps(500_000, 500_000);
        stake(AGENT, operator, 3e18);
        slash(AGENT, 1);
        equal(agentStaking.slashLimitWei(AGENT), ((3e18 - 1) * (5e17 - 1)) / uint256(1e18), "limit");
    }

    function test_AnEmptyPoolHasNothingToSlash() public {
        equal(slash(AGENT, 5), 0, "slashed");
        equal(agentStaking.slashLimitWei(AGENT), 0, "limit");
    }

    function test_OnlySlashersSlashAndLock() public {
        stake(AGENT, operator, 1000);
        bytes memory refusal = abi.encodeWithSelector(IAgentStaking.StakingNotSlasher.selector, STRANGER);
        vm.prank(STRANGER);
        vm.expectRevert(refusal);
        agentStaking.slash(AGENT, 1, STRANGER);
        vm.prank(STRANGER);
        vm.expectRevert(refusal);
        agentStaking.lock(AGENT, 1, 1);
        setSlasher(SLASHER, false);
        vm.prank(SLASHER);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingNotSlasher.selector, SLASHER));
        agentStaking.slash(AGENT, 1, STRANGER);
    }

    // Locks

    function lock(uint128 amountWei, uint256 time) internal returns (uint64) {
        vm.prank(SLASHER);
        return agentStaking.lock(AGENT, amountWei, time);
    }

    function test_LockedStakeCannotBeWithdrawn() public {
        stake(AGENT, operator, 100);
        stake(AGENT, delegator, 100);
        vm.prank(operator);
        agentStaking.thaw(AGENT, 60 * SHARES);
        vm.prank(operator);
        agentStaking.thaw(AGENT, 40 * SHARES);
        uint256 start = block.timestamp;
        vm.expectEmit(address(agentStaking));
        emit IAgentStaking.Locked(AGENT, 1, SLASHER, 150, start + 10 days);
        equal(lock(150, 10 days), 1, "first lock");
        equal(lock(10, 30 days), 2, "second lock");
        equal(agentStaking.lockedWei(AGENT), 160, "locked");
        vm.warp(start + STAKE_THAW);
        equal(withdraw(AGENT, operator), 40, "what the locks leave, exactly");
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingLocked.selector, AGENT, 160, 160));
        agentStaking.withdraw(AGENT, operator);
        vm.warp(start + 10 days - 1);
        equal(agentStaking.lockedWei(AGENT), 160, "to the last second");
        vm.warp(start + 10 days);
        equal(agentStaking.lockedWei(AGENT), 10, "the second still holds");
        equal(withdraw(AGENT, operator), 60, "after the lock");
        vm.warp(start + 30 days);
        equal(agentStaking.lockedWei(AGENT), 0, "none holds");
    }

    function test_OneWeiMoreLockedHoldsAThaw() public {
        stake(AGENT, operator, 100);
        vm.prank(operator);
        agentStaking.thaw(AGENT, 40 * SHARES);
        lock(61, 30 days);
        vm.warp(block.timestamp + STAKE_THAW);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingLocked.selector, AGENT, 61, 100));
        agentStaking.withdraw(AGENT, operator);
        slash(AGENT, 30);
        lock(1000, 1 days);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingLocked.selector, AGENT, 1061, 70));
        agentStaking.withdraw(AGENT, operator);
    }

    function test_ALockEndsByItsSlasherAlone() public {
        uint64 one = lock(5, 1 days);
        uint64 two = lock(6, 1 days);
        lock(7, 1 days);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingUnknownLock.selector, AGENT, one));
        agentStaking.unlock(AGENT, one);
        vm.prank(SLASHER);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingUnknownLock.selector, MODEL, one));
        agentStaking.unlock(MODEL, one);
        vm.expectEmit(address(agentStaking));
        emit IAgentStaking.Unlocked(AGENT, one);
        vm.prank(SLASHER);
        agentStaking.unlock(AGENT, one);
        equal(agentStaking.lockedWei(AGENT), 13, "the others hold");
        vm.prank(SLASHER);
        agentStaking.unlock(AGENT, one);
        equal(agentStaking.lockedWei(AGENT), 13, "once is enough");
        vm.prank(SLASHER);
        agentStaking.unlock(AGENT, two);
        equal(agentStaking.lockedWei(AGENT), 7, "the last holds");
    }

    function test_LocksAreBoundedInTimeAndNumber() public {
        vm.prank(SLASHER);
        vm.expectRevert(IAgentStaking.StakingZeroAmount.selector);
        agentStaking.lock(AGENT, 0, 1);
        uint256[2] memory times = [uint256(0), 30 days + 1];
        for (uint256 i; i < 2; ++i) {
            vm.prank(SLASHER);
            vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingTimeOutOfRange.selector, times[i], 1, 30 days));
            agentStaking.lock(AGENT, 1, times[i]);
        }
        for (uint256 i; i < 16; ++i) lock(1, i < 2 ? 1 : 30 days);
        vm.prank(SLASHER);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingTooManyLocks.selector, AGENT, 16));
        agentStaking.lock(AGENT, 1, 1);
        vm.warp(block.timestamp + 1);
        lock(10, 1 days);
        equal(agentStaking.lockedWei(AGENT), 24, "two were over, so there was room");
        lock(10, 1 days);
        vm.prank(SLASHER);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingTooManyLocks.selector, AGENT, 16));
        agentStaking.lock(AGENT, 1, 1);
    }

    // Parameters

    function test_GovernanceSetsParametersWithinTheirCaps() public {
        vm.expectEmit(address(agentStaking));
        emit IAgentStaking.SlasherSet(STRANGER, true);
        setSlasher(STRANGER, true);
        require(agentStaking.isSlasher(STRANGER), "slasher");
        vm.expectEmit(address(agentStaking));
        emit IAgentStaking.SlashCapsSet(500_000, 500_000);
        vm.prank(GOVERNOR);
        agentStaking.setSlashCaps(500_000, 500_000);
        equal(parameters().slashPpm(), 500_000, "a slash");
        vm.prank(GOVERNOR);
        agentStaking.setSlashCaps(0, 7);
        equal(parameters().windowPpm(), 7, "a window");
        vm.expectEmit(address(agentStaking));
        emit IAgentStaking.BountySet(0);
        vm.prank(GOVERNOR);
        agentStaking.setBounty(0);
        equal(parameters().bountyPpm(), 0, "bounty");
        vm.prank(GOVERNOR);
        agentStaking.setBounty(500_000);
        vm.expectEmit(address(agentStaking));
        emit IAgentStaking.ThawTimeSet(60 days);
        vm.prank(GOVERNOR);
        agentStaking.setThawTime(60 days);
        vm.prank(GOVERNOR);
        agentStaking.setThawTime(1 days);
        equal(parameters().thawTime(), 1 days, "thaw time");
    }

    function test_ParametersBeyondTheirCapsAreRefused() public {
        vm.startPrank(GOVERNOR);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingRateTooHigh.selector, 500_001, 500_000));
        agentStaking.setSlashCaps(1, 500_001);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingRateTooHigh.selector, 8, 7));
        agentStaking.setSlashCaps(8, 7);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingRateTooHigh.selector, 500_001, 500_000));
        agentStaking.setBounty(500_001);
        vm.expectRevert(IAgentStaking.StakingZeroAddress.selector);
        agentStaking.setSlasher(address(0), true);
        uint256[2] memory times = [uint256(1 days - 1), 60 days + 1];
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IAgentStaking.StakingTimeOutOfRange.selector, times[i], 1 days, 60 days)
            );
            agentStaking.setThawTime(times[i]);
        }
        vm.stopPrank();
    }

    function test_ParametersAreGovernancesAlone() public {
        expectNotOwner(GUARDIAN);
        agentStaking.setSlashCaps(0, 0);
        expectNotOwner(GUARDIAN);
        agentStaking.setBounty(0);
        expectNotOwner(GUARDIAN);
        agentStaking.setSlasher(GUARDIAN, true);
        expectNotOwner(GUARDIAN);
        agentStaking.setThawTime(1 days);
    }

    // Rounding, donation, inflation

    function test_ADonationChangesNothing() public {
        stake(AGENT, operator, 1000);
        token.transfer(address(agentStaking), 1e20);
        equal(stakeOf(AGENT, operator), 1000, "worth");
        equal(stake(AGENT, delegator, 10), 10 * SHARES, "shares");
        thawAll(AGENT, operator);
        vm.warp(block.timestamp + STAKE_THAW);
        equal(withdraw(AGENT, operator), 1000, "withdrawn");
    }

    /// The first depositor raises the price by a reward; what the second loses is less than a millionth of what that cost.
    function testFuzz_AFirstDepositorCannotInflateShares(uint128 rewardWei, uint128 victimWei) public {
        rewardWei = uint128(bound(rewardWei, 1, 1e24));
        victimWei = uint128(bound(victimWei, 1e15, 1e23));
        stake(AGENT, operator, 1e9);
        agentStaking.reward(AGENT, rewardWei);
        stake(AGENT, delegator, victimWei);
        uint256 lostWei = victimWei - stakeOf(AGENT, delegator);
        require(lostWei <= 2 + rewardWei / 1e15, "a wei or two, or the price of a share");
        require(stakeOf(AGENT, operator) <= 1e9 + uint256(rewardWei), "the first gains nothing");
    }

    /// No order of staking and thawing returns more than went in.
    function testFuzz_ComingAndGoingGainsNothing(uint128 one, uint128 two, uint96 rewardWei, uint128 slashWei) public {
        one = uint128(bound(one, 1e9, 1e23));
        two = uint128(bound(two, 1e9, 1e23));
        stake(AGENT, operator, one);
        if (rewardWei != 0) agentStaking.reward(AGENT, bound(rewardWei, 1, 1e23));
        slash(AGENT, slashWei);
        uint256 heldBefore = stakeOf(AGENT, operator);
        stake(AGENT, delegator, two);
        uint256 backWei = thawAll(AGENT, delegator);
        require(backWei <= two, "more came back");
        require(stakeOf(AGENT, operator) >= heldBefore, "somebody else paid");
        vm.warp(block.timestamp + STAKE_THAW);
        require(withdraw(AGENT, delegator) <= backWei, "grew while thawing");
    }
}
