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
        return IStakingParameters(address(staking));
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
        staking.initialize(GOVERNOR, GUARDIAN, token, directory, directory, IRewardSink(address(vault)), 1 days);
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
        IUpgradeable(address(staking)).upgradeToAndCall(code, "");
        vm.prank(GOVERNOR);
        IUpgradeable(address(staking)).upgradeToAndCall(code, "");
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
        equal(IGuarded(address(staking)).guardian(), GUARDIAN, "guardian");
    }

    // In

    function test_AStakeBuysSharesOfItsPool() public {
        vm.expectEmit(address(staking));
        emit IAgentStaking.Staked(AGENT, operator, operator, 100, 100 * SHARES);
        equal(stake(AGENT, operator, 100), 100 * SHARES, "shares");
        equal(token.balanceOf(address(staking)), 100, "held");
        equal(staking.activeWei(AGENT), 100, "active");
        equal(staking.slashableWei(AGENT), 100, "slashable");
        (uint256 shares, uint256 amountWei) = staking.stakeOf(AGENT, operator);
        equal(shares, 100 * SHARES, "shares held");
        equal(amountWei, 100, "worth");
        IAgentStaking.Pool memory pool = staking.poolOf(AGENT);
        equal(pool.activeShares, 100 * SHARES, "pool's shares");
        equal(pool, 100, 0);
    }

    function test_AnybodyStakesForAnybodyOnAgentsAndModels() public {
        vm.expectEmit(address(staking));
        emit IAgentStaking.Staked(MODEL, STRANGER, delegator, 70, 70 * SHARES);
        vm.prank(delegator);
        staking.stake(MODEL, STRANGER, 70);
        equal(stakeOf(MODEL, STRANGER), 70, "whose it is");
        equal(stakeOf(MODEL, delegator), 0, "who paid");
        stake(MODEL, operator, 30);
        equal(staking.activeWei(MODEL), 100, "together");
        equal(staking.activeWei(AGENT), 0, "pools are apart");
    }

    function test_AStakeOfNothingForNobodyOnNothingOrWithoutLeaveIsRefused() public {
        vm.expectRevert(IAgentStaking.StakingZeroAddress.selector);
        staking.stake(AGENT, address(0), 1);
        vm.expectRevert(IAgentStaking.StakingZeroAmount.selector);
        staking.stake(AGENT, operator, 0);
        bytes32[5] memory unknown = [
            bytes32(0),
            bytes32(AGENT_ID + 1),
            bytes32(uint256(type(uint64).max)),
            bytes32(uint256(type(uint64).max) + 1),
            keccak256("other")
        ];
        for (uint256 i; i < 5; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingUnknownPool.selector, unknown[i]));
            staking.stake(unknown[i], operator, 1);
        }
        vm.prank(STRANGER);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(staking), 0, 1)
        );
        staking.stake(AGENT, STRANGER, 1);
    }

    function test_TheLastNumberIsAnAgentAndTheNextIsAModel() public {
        bytes32 last = bytes32(uint256(type(uint64).max));
        bytes32 next = bytes32(uint256(type(uint64).max) + 1);
        directory.setOperator(type(uint64).max, operator);
        directory.setOwner(next, operator);
        stake(last, operator, 1);
        stake(next, operator, 1);
        vm.prank(operator);
        staking.setCommission(last, 1);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingNotOperator.selector, next, operator));
        staking.setCommission(next, 1);
    }

    function test_AStakeThatBuysNoShareIsRefused() public {
        stake(AGENT, operator, 1e9);
        staking.reward(AGENT, 1e9 * 2e6);
        vm.prank(delegator);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingTooSmall.selector, AGENT, 1));
        staking.stake(AGENT, delegator, 1);
        stake(AGENT, delegator, 3);
    }

    function test_APauseStopsNewStakesAndNothingElse() public {
        stake(AGENT, operator, 2e9);
        pauseAs(GUARDIAN, address(staking));
        vm.prank(operator);
        vm.expectRevert(IGuarded.GuardedPaused.selector);
        staking.stake(AGENT, operator, 1);
        vm.prank(operator);
        vm.expectRevert(IGuarded.GuardedPaused.selector);
        staking.stakeWithPermit(AGENT, operator, 1, 0, 0, 0, 0);
        staking.reward(AGENT, 10);
        equal(slash(AGENT, 10), 10, "slashed");
        thawAll(AGENT, operator);
        vm.warp(block.timestamp + STAKE_THAW);
        equal(withdraw(AGENT, operator), 2e9, "withdrawn");
    }

    function test_AStakeCanComeWithItsPermitEvenIfSomebodyUsedThatFirst() public {
        vm.prank(delegator);
        token.approve(address(staking), 0);
        (uint8 v, bytes32 r, bytes32 s) = permit(60, 0);
        vm.prank(delegator);
        equal(staking.stakeWithPermit(AGENT, delegator, 60, block.timestamp, v, r, s), 60 * SHARES, "shares");
        (v, r, s) = permit(40, 1);
        vm.prank(STRANGER);
        token.permit(delegator, address(staking), 40, block.timestamp, v, r, s);
        vm.prank(delegator);
        staking.stakeWithPermit(AGENT, delegator, 40, block.timestamp, v, r, s);
        equal(stakeOf(AGENT, delegator), 100, "both");
        vm.prank(delegator);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(staking), 0, 40)
        );
        staking.stakeWithPermit(AGENT, delegator, 40, block.timestamp, v, r, s);
    }

    function permit(uint256 amountWei, uint256 nonce) internal view returns (uint8, bytes32, bytes32) {
        bytes32 message = keccak256(abi.encode(PERMIT, delegator, address(staking), amountWei, nonce, block.timestamp));
        return vm.sign(DELEGATOR_KEY, keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), message)));
    }

    // Out

    function test_AStakerTakesBackWhatThawed() public {
        stake(AGENT, operator, 100);
        uint256 until = block.timestamp + STAKE_THAW;
        vm.expectEmit(address(staking));
        emit IAgentStaking.ThawStarted(AGENT, operator, 40 * SHARES, 40 * SHARES, 40, until);
        vm.prank(operator);
        equal(staking.thaw(AGENT, 40 * SHARES), 40, "worth");
        IAgentStaking.Pool memory pool = staking.poolOf(AGENT);
        equal(pool, 60, 40);
        equal(pool.activeShares, 60 * SHARES, "active shares");
        equal(pool.thawingShares, 40 * SHARES, "thawing shares");
        equal(staking.activeWei(AGENT), 60, "active");
        equal(staking.slashableWei(AGENT), 100, "slashable while it thaws");
        equal(stakeOf(AGENT, operator), 60, "left");
        equal(staking.thawsOf(AGENT, operator)[0].until, until, "clock");
        equal(staking.thawsOf(AGENT, operator)[0].shares, 40 * SHARES, "thaw");
        vm.warp(until - 1);
        refusesToWithdraw(until);
        vm.warp(until);
        vm.expectEmit(address(staking));
        emit IAgentStaking.StakeWithdrawn(AGENT, operator, STRANGER, 40);
        vm.prank(operator);
        equal(staking.withdraw(AGENT, STRANGER), 40, "taken");
        equal(token.balanceOf(STRANGER), 40, "arrived");
        equal(staking.poolOf(AGENT), 60, 0);
        equal(staking.poolOf(AGENT).thawingShares, 0, "no share thaws");
        equal(staking.thawsOf(AGENT, operator).length, 0, "thaw is gone");
        refusesToWithdraw(0);
    }

    function refusesToWithdraw(uint256 until) internal {
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingStillThawing.selector, AGENT, operator, until));
        staking.withdraw(AGENT, operator);
    }

    function test_EachThawKeepsItsOwnClock() public {
        stake(AGENT, operator, 100);
        uint256 start = block.timestamp;
        vm.prank(operator);
        staking.thaw(AGENT, 10 * SHARES);
        vm.prank(GOVERNOR);
        staking.setThawTime(2 days);
        vm.warp(start + 1 days);
        vm.prank(operator);
        staking.thaw(AGENT, 20 * SHARES);
        vm.prank(GOVERNOR);
        staking.setThawTime(30 days);
        vm.prank(operator);
        staking.thaw(AGENT, 30 * SHARES);
        refusesToWithdraw(start + 3 days);
        vm.warp(start + 3 days);
        equal(withdraw(AGENT, operator), 20, "the second is over first");
        equal(staking.thawsOf(AGENT, operator).length, 2, "two are kept");
        equal(staking.thawsOf(AGENT, operator)[1].shares, 30 * SHARES, "in their order");
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
        staking.thaw(AGENT, 100 * SHARES + 1);
        vm.prank(operator);
        vm.expectRevert(IAgentStaking.StakingZeroAmount.selector);
        staking.thaw(AGENT, SHARES - 1);
        for (uint256 i; i < 16; ++i) {
            vm.prank(operator);
            staking.thaw(AGENT, SHARES);
        }
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingTooManyThaws.selector, AGENT, operator, 16));
        staking.thaw(AGENT, SHARES);
        vm.warp(block.timestamp + STAKE_THAW);
        equal(withdraw(AGENT, operator), 16, "all sixteen");
    }

    function test_NothingIsWithdrawnToNobody() public {
        vm.expectRevert(IAgentStaking.StakingZeroAddress.selector);
        staking.withdraw(AGENT, address(0));
    }

    // Rewards

    function test_RewardsFallToActiveSharesAlike() public {
        stake(AGENT, operator, 3e9);
        stake(AGENT, delegator, 1e9);
        vm.prank(delegator);
        staking.thaw(AGENT, 5e8 * SHARES);
        vm.expectEmit(address(staking));
        emit IAgentStaking.Rewarded(AGENT, address(this), operator, 7e9, 0);
        staking.reward(AGENT, 7e9);
        // A virtual wei takes its part, so each gets a little less.
        equal(stakeOf(AGENT, operator), 9e9 - 2, "three wei each, for the operator");
        equal(stakeOf(AGENT, delegator), 15e8 - 1, "and for what the delegator left");
        equal(staking.poolOf(AGENT), 105e8, 5e8);
        equal(token.balanceOf(address(staking)), 11e9, "held");
    }

    function test_APoolWithTooFewSharesIsNotRewarded() public {
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingNoStake.selector, AGENT, 0));
        staking.reward(AGENT, 1);
        stake(AGENT, operator, 1e9 - 1);
        require(!staking.hasStake(AGENT), "too little");
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingNoStake.selector, AGENT, 1e15 - SHARES));
        staking.reward(AGENT, 1);
        stake(AGENT, operator, 1);
        require(staking.hasStake(AGENT), "enough");
        vm.expectRevert(IAgentStaking.StakingZeroAmount.selector);
        staking.reward(AGENT, 0);
        staking.reward(AGENT, 1);
        thawAll(AGENT, operator);
        require(!staking.hasStake(AGENT), "all thaws");
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingNoStake.selector, AGENT, 0));
        staking.reward(AGENT, 1);
    }

    function test_ARewardIsPulledFromItsSender() public {
        stake(AGENT, operator, 1e9);
        vm.prank(STRANGER);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(staking), 0, 5)
        );
        staking.reward(AGENT, 5);
    }

    function test_AnOperatorTakesItsCommissionAfterItsNotice() public {
        stake(AGENT, delegator, 1e9);
        vm.expectEmit(address(staking));
        emit IAgentStaking.CommissionSet(AGENT, 300_000, block.timestamp + 7 days);
        setCommission(300_000);
        vm.warp(block.timestamp + 7 days - 1);
        equal(staking.commissionPpm(AGENT), 0, "before");
        staking.reward(AGENT, 1e9);
        equal(staking.earned(operator), 0, "nothing before");
        vm.warp(block.timestamp + 1);
        equal(staking.commissionPpm(AGENT), 300_000, "after");
        vm.expectEmit(address(staking));
        emit IAgentStaking.Rewarded(AGENT, address(this), operator, 999, 299);
        staking.reward(AGENT, 999);
        equal(staking.earned(operator), 299, "rounded down");
        staking.reward(AGENT, 10);
        equal(staking.activeWei(AGENT), 2e9 + 707, "the rest");
        uint256 heldWei = token.balanceOf(address(staking));
        vm.expectEmit(address(staking));
        emit IAgentStaking.CommissionWithdrawn(operator, STRANGER, 302);
        vm.prank(operator);
        equal(staking.withdrawCommission(STRANGER), 302, "taken");
        equal(token.balanceOf(STRANGER), 302, "arrived");
        equal(token.balanceOf(address(staking)), heldWei - 302, "left");
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingNothingEarned.selector, operator));
        staking.withdrawCommission(operator);
    }

    function setCommission(uint32 ppm) internal {
        vm.prank(operator);
        staking.setCommission(AGENT, ppm);
    }

    function test_ALowerCommissionIsInForceAtOnce() public {
        setCommission(200_000);
        vm.warp(block.timestamp + 7 days);
        setCommission(250_000);
        equal(staking.commissionPpm(AGENT), 200_000, "not yet higher");
        vm.expectEmit(address(staking));
        emit IAgentStaking.CommissionSet(AGENT, 200_000, block.timestamp);
        setCommission(200_000);
        vm.warp(block.timestamp + 7 days);
        equal(staking.commissionPpm(AGENT), 200_000, "the announcement was taken back");
        setCommission(100_000);
        equal(staking.commissionPpm(AGENT), 100_000, "lower");
    }

    function test_ACommissionOfAnotherOrAboveItsCapIsRefused() public {
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingNotOperator.selector, AGENT, STRANGER));
        staking.setCommission(AGENT, 1);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingNotOperator.selector, MODEL, STRANGER));
        staking.setCommission(MODEL, 1);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingRateTooHigh.selector, 300_001, 300_000));
        staking.setCommission(AGENT, 300_001);
    }

    function test_AModelsPoolPaysNoCommission() public {
        stake(MODEL, delegator, 1e9);
        vm.expectEmit(address(staking));
        emit IAgentStaking.Rewarded(MODEL, address(this), address(0), 1e9, 0);
        staking.reward(MODEL, 1e9);
        equal(staking.activeWei(MODEL), 2e9, "all of it");
    }

    // Slashing

    function test_ASlashTakesFromActiveAndThawingAlikeAndPaysHalfAsBounty() public {
        stake(AGENT, operator, 1000);
        stake(AGENT, delegator, 1000);
        vm.prank(delegator);
        staking.thaw(AGENT, 500 * SHARES);
        vm.expectEmit(address(staking));
        emit IAgentStaking.Slashed(AGENT, SLASHER, BOUNTY, 401, 301, 200);
        equal(slash(AGENT, 401), 401, "slashed");
        equal(staking.poolOf(AGENT), 1199, 400);
        equal(staking.slashableWei(AGENT), 1599, "left");
        equal(token.balanceOf(BOUNTY), 200, "bounty, rounded down");
        equal(vault.funded(), 201, "rewards get the rest");
        equal(token.balanceOf(address(staking)), 1599, "held");
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
        staking.stake(AGENT, STRANGER, 1000);
        equal(bountyOf(AGENT, 829), 180, "operator and owner together");
        directory.setOperator(AGENT_ID, STRANGER);
        equal(bountyOf(AGENT, 746), 89, "who is both counts once");
        vm.prank(operator);
        staking.stake(MODEL, STRANGER, 100);
        stake(MODEL, delegator, 300);
        equal(bountyOf(MODEL, 40), 9, "a model's owner answers for it");
    }

    function test_ASlashWithoutAHunterGoesToRewards() public {
        stake(AGENT, operator, 1000);
        vm.expectEmit(address(staking));
        emit IAgentStaking.Slashed(AGENT, SLASHER, address(0), 300, 300, 0);
        vm.prank(SLASHER);
        equal(staking.slash(AGENT, 300, address(0)), 300, "slashed");
        equal(vault.funded(), 300, "rewards");
        equal(token.balanceOf(address(staking)), 700, "held");
    }

    function test_ASlashIsCappedEachTimeAndInItsWindow() public {
        uint256 day = 100 days;
        vm.warp(day + 1 hours);
        stake(AGENT, operator, 1e9);
        equal(staking.slashLimitWei(AGENT), 3e8, "limit");
        equal(slash(AGENT, type(uint256).max), 3e8, "three tenths");
        equal(staking.slashLimitWei(AGENT), 14e7, "a fifth of what is left");
        equal(slash(AGENT, 14e7 + 1), 14e7, "the rest of the window");
        equal(slash(AGENT, 1), 0, "no more");
        equal(staking.activeWei(AGENT), 56e7, "a zero slash takes nothing");
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

    function test_AnEmptyPoolHasNothingToSlash() public {
        equal(slash(AGENT, 5), 0, "slashed");
        equal(staking.slashLimitWei(AGENT), 0, "limit");
    }

    function test_OnlySlashersSlashAndLock() public {
        stake(AGENT, operator, 1000);
        bytes memory refusal = abi.encodeWithSelector(IAgentStaking.StakingNotSlasher.selector, STRANGER);
        vm.prank(STRANGER);
        vm.expectRevert(refusal);
        staking.slash(AGENT, 1, STRANGER);
        vm.prank(STRANGER);
        vm.expectRevert(refusal);
        staking.lock(AGENT, 1, 1);
        setSlasher(SLASHER, false);
        vm.prank(SLASHER);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingNotSlasher.selector, SLASHER));
        staking.slash(AGENT, 1, STRANGER);
    }

    // Locks

    function lock(uint128 amountWei, uint256 time) internal returns (uint64) {
        vm.prank(SLASHER);
        return staking.lock(AGENT, amountWei, time);
    }

    function test_LockedStakeCannotBeWithdrawn() public {
        stake(AGENT, operator, 100);
        stake(AGENT, delegator, 100);
        vm.prank(operator);
        staking.thaw(AGENT, 60 * SHARES);
        vm.prank(operator);
        staking.thaw(AGENT, 40 * SHARES);
        uint256 start = block.timestamp;
        vm.expectEmit(address(staking));
        emit IAgentStaking.Locked(AGENT, 1, SLASHER, 150, start + 10 days);
        equal(lock(150, 10 days), 1, "first lock");
        equal(lock(10, 30 days), 2, "second lock");
        equal(staking.lockedWei(AGENT), 160, "locked");
        vm.warp(start + STAKE_THAW);
        equal(withdraw(AGENT, operator), 40, "what the locks leave, exactly");
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingLocked.selector, AGENT, 160, 160));
        staking.withdraw(AGENT, operator);
        vm.warp(start + 10 days - 1);
        equal(staking.lockedWei(AGENT), 160, "to the last second");
        vm.warp(start + 10 days);
        equal(staking.lockedWei(AGENT), 10, "the second still holds");
        equal(withdraw(AGENT, operator), 60, "after the lock");
        vm.warp(start + 30 days);
        equal(staking.lockedWei(AGENT), 0, "none holds");
    }

    function test_OneWeiMoreLockedHoldsAThaw() public {
        stake(AGENT, operator, 100);
        vm.prank(operator);
        staking.thaw(AGENT, 40 * SHARES);
        lock(61, 30 days);
        vm.warp(block.timestamp + STAKE_THAW);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingLocked.selector, AGENT, 61, 100));
        staking.withdraw(AGENT, operator);
        slash(AGENT, 30);
        lock(1000, 1 days);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingLocked.selector, AGENT, 1061, 70));
        staking.withdraw(AGENT, operator);
    }

    function test_ALockEndsByItsSlasherAlone() public {
        uint64 one = lock(5, 1 days);
        uint64 two = lock(6, 1 days);
        lock(7, 1 days);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingUnknownLock.selector, AGENT, one));
        staking.unlock(AGENT, one);
        vm.prank(SLASHER);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingUnknownLock.selector, MODEL, one));
        staking.unlock(MODEL, one);
        vm.expectEmit(address(staking));
        emit IAgentStaking.Unlocked(AGENT, one);
        vm.prank(SLASHER);
        staking.unlock(AGENT, one);
        equal(staking.lockedWei(AGENT), 13, "the others hold");
        vm.prank(SLASHER);
        staking.unlock(AGENT, one);
        equal(staking.lockedWei(AGENT), 13, "once is enough");
        vm.prank(SLASHER);
        staking.unlock(AGENT, two);
        equal(staking.lockedWei(AGENT), 7, "the last holds");
    }

    function test_LocksAreBoundedInTimeAndNumber() public {
        vm.prank(SLASHER);
        vm.expectRevert(IAgentStaking.StakingZeroAmount.selector);
        staking.lock(AGENT, 0, 1);
        uint256[2] memory times = [uint256(0), 30 days + 1];
        for (uint256 i; i < 2; ++i) {
            vm.prank(SLASHER);
            vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingTimeOutOfRange.selector, times[i], 1, 30 days));
            staking.lock(AGENT, 1, times[i]);
        }
        for (uint256 i; i < 16; ++i) lock(1, i < 2 ? 1 : 30 days);
        vm.prank(SLASHER);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingTooManyLocks.selector, AGENT, 16));
        staking.lock(AGENT, 1, 1);
        vm.warp(block.timestamp + 1);
        lock(10, 1 days);
        equal(staking.lockedWei(AGENT), 24, "two were over, so there was room");
        lock(10, 1 days);
        vm.prank(SLASHER);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingTooManyLocks.selector, AGENT, 16));
        staking.lock(AGENT, 1, 1);
    }

    // Parameters

    function test_GovernanceSetsParametersWithinTheirCaps() public {
        vm.expectEmit(address(staking));
        emit IAgentStaking.SlasherSet(STRANGER, true);
        setSlasher(STRANGER, true);
        require(staking.isSlasher(STRANGER), "slasher");
        vm.expectEmit(address(staking));
        emit IAgentStaking.SlashCapsSet(500_000, 500_000);
        vm.prank(GOVERNOR);
        staking.setSlashCaps(500_000, 500_000);
        equal(parameters().slashPpm(), 500_000, "a slash");
        vm.prank(GOVERNOR);
        staking.setSlashCaps(0, 7);
        equal(parameters().windowPpm(), 7, "a window");
        vm.expectEmit(address(staking));
        emit IAgentStaking.BountySet(0);
        vm.prank(GOVERNOR);
        staking.setBounty(0);
        equal(parameters().bountyPpm(), 0, "bounty");
        vm.prank(GOVERNOR);
        staking.setBounty(500_000);
        vm.expectEmit(address(staking));
        emit IAgentStaking.ThawTimeSet(60 days);
        vm.prank(GOVERNOR);
        staking.setThawTime(60 days);
        vm.prank(GOVERNOR);
        staking.setThawTime(1 days);
        equal(parameters().thawTime(), 1 days, "thaw time");
    }

    function test_ParametersBeyondTheirCapsAreRefused() public {
        vm.startPrank(GOVERNOR);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingRateTooHigh.selector, 500_001, 500_000));
        staking.setSlashCaps(1, 500_001);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingRateTooHigh.selector, 8, 7));
        staking.setSlashCaps(8, 7);
        vm.expectRevert(abi.encodeWithSelector(IAgentStaking.StakingRateTooHigh.selector, 500_001, 500_000));
        staking.setBounty(500_001);
        vm.expectRevert(IAgentStaking.StakingZeroAddress.selector);
        staking.setSlasher(address(0), true);
        uint256[2] memory times = [uint256(1 days - 1), 60 days + 1];
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IAgentStaking.StakingTimeOutOfRange.selector, times[i], 1 days, 60 days)
            );
            staking.setThawTime(times[i]);
        }
        vm.stopPrank();
    }

    function test_ParametersAreGovernancesAlone() public {
        expectNotOwner(GUARDIAN);
        staking.setSlashCaps(0, 0);
        expectNotOwner(GUARDIAN);
        staking.setBounty(0);
        expectNotOwner(GUARDIAN);
        staking.setSlasher(GUARDIAN, true);
        expectNotOwner(GUARDIAN);
        staking.setThawTime(1 days);
    }

    // Rounding, donation, inflation

    function test_ADonationChangesNothing() public {
        stake(AGENT, operator, 1000);
        token.transfer(address(staking), 1e20);
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
        staking.reward(AGENT, rewardWei);
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
        if (rewardWei != 0) staking.reward(AGENT, bound(rewardWei, 1, 1e23));
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
