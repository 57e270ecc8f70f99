// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IRewardSink} from "../rewards/IRewardSink.sol";
import {IAgentOwners} from "./IAgentOwners.sol";
import {IModelOwners} from "./IModelOwners.sol";
import {IStaking} from "./IStaking.sol";

/// @title Stake behind agents and models
/// @notice Anybody stakes OPEN on a pool, shares its rewards and its slashes, and leaves through a thaw during which the stake
/// can still be slashed. A pool is two sums: what is active and what thaws. Shares of either are worth a part of its sum.
/// @dev Every division favours the pool. Virtual shares, worth one wei at the start, make it useless to raise the price of a
/// share before somebody else's deposit. Sums are kept here and never read from the token, so OPEN sent here by mistake
/// changes nothing. Trusts OPEN to take no fee on transfer, the registries for what exists, governance for who may slash; the
/// caps below bind whoever slashes.
interface IAgentStaking is IStaking {
    /// @notice A pool's sums and shares.
    struct Pool {
        uint128 activeWei;
        uint128 thawingWei;
        uint256 activeShares;
        uint256 thawingShares;
    }

    /// @notice Part of a pool that leaves it.
    /// @param shares of what thaws
    /// @param until first second in which it can be withdrawn
    struct Thaw {
        uint192 shares;
        uint64 until;
    }

    /// @notice What an operator takes of its pool's rewards.
    /// @param ppm in force
    /// @param nextPpm in force from `nextFrom` on, if that is not 0
    struct Commission {
        uint32 ppm;
        uint32 nextPpm;
        uint64 nextFrom;
    }

    /// @notice Stake of a pool that may not be withdrawn while a dispute runs.
    struct Lock {
        uint64 id;
        uint64 until;
        uint128 amountWei;
    }

    /// @notice A pool's active stake grew.
    event Staked(
        bytes32 indexed poolId,
        address indexed staker,
        address indexed from,
        uint256 amountWei,
        uint256 shares
    );
    /// @notice Active shares became `thawingShares` shares of what thaws, now worth `amountWei`.
    event ThawStarted(
        bytes32 indexed poolId,
        address indexed staker,
        uint256 shares,
        uint256 thawingShares,
        uint256 amountWei,
        uint256 until
    );
    /// @notice A staker took back what had thawed, less what was slashed meanwhile.
    event StakeWithdrawn(bytes32 indexed poolId, address indexed staker, address indexed to, uint256 amountWei);
    /// @notice A pool was rewarded; `commissionWei` of it is its operator's.
    event Rewarded(
        bytes32 indexed poolId,
        address indexed from,
        address indexed operator,
        uint256 amountWei,
        uint256 commissionWei
    );
    /// @notice A reward for a pool with too few active shares went to the reward vault instead.
    event RewardDiverted(bytes32 indexed poolId, address indexed from, uint256 amountWei);
    /// @notice An operator took its commission.
    event CommissionWithdrawn(address indexed operator, address indexed to, uint256 amountWei);
    /// @notice An operator changed its commission, in force from `from` on.
    event CommissionSet(bytes32 indexed poolId, uint32 ppm, uint256 from);
    /// @notice A pool was slashed; `bountyWei` of it went to `bountyTo`, the rest to rewards. A bounty is at most what the active
    /// stake of the agent's operator and owner, or of the model's owner, lost.
    event Slashed(
        bytes32 indexed poolId,
        address indexed slasher,
        address indexed bountyTo,
        uint256 slashedWei,
        uint256 activeWei,
        uint256 bountyWei
    );
    /// @notice Stake may not fall below what is locked before `until`.
    event Locked(
        bytes32 indexed poolId,
        uint64 indexed lockId,
        address indexed slasher,
        uint256 amountWei,
        uint256 until
    );
    /// @notice A lock ended before its time.
    event Unlocked(bytes32 indexed poolId, uint64 indexed lockId);
    /// @notice A contract may, or may no longer, slash and lock.
    event SlasherSet(address indexed slasher, bool allowed);
    /// @notice What one slash, and all within the window, may take of a pool.
    event SlashCapsSet(uint32 slashPpm, uint32 windowPpm);
    /// @notice Part of a slash that goes to whom the slasher names.
    event BountySet(uint32 ppm);
    /// @notice Seconds that later thaws take.
    event ThawTimeSet(uint256 thawTime);

    /// @notice An address that must be given is zero.
    error StakingZeroAddress();
    /// @notice An amount that must be given is zero.
    error StakingZeroAmount();
    /// @notice There is no such agent or model.
    error StakingUnknownPool(bytes32 poolId);
    /// @notice The amount buys no share.
    error StakingTooSmall(bytes32 poolId, uint256 amountWei);
    /// @notice The staker has fewer shares.
    error StakingTooFewShares(bytes32 poolId, address staker, uint256 shares, uint256 heldShares);
    /// @notice So many thaws of this staker run in the pool already; withdraw one first.
    error StakingTooManyThaws(bytes32 poolId, address staker, uint256 limit);
    /// @notice Nothing can be withdrawn now; the first thaw ends at `until`, 0 if none runs.
    error StakingStillThawing(bytes32 poolId, address staker, uint256 until);
    /// @notice What has thawed is locked: the pool holds `slashableWei`, of which `lockedWei` must stay.
    error StakingLocked(bytes32 poolId, uint256 lockedWei, uint256 slashableWei);
    /// @notice Only the agent's operator may do this; models have none.
    error StakingNotOperator(bytes32 poolId, address sender);
    /// @notice The operator has earned nothing since it last withdrew.
    error StakingNothingEarned(address operator);
    /// @notice Only a slasher may do this.
    error StakingNotSlasher(address sender);
    /// @notice A rate above its cap.
    error StakingRateTooHigh(uint256 ppm, uint256 capPpm);
    /// @notice A time out of its bounds.
    error StakingTimeOutOfRange(uint256 time, uint256 least, uint256 most);
    /// @notice So many locks hold the pool already.
    error StakingTooManyLocks(bytes32 poolId, uint256 limit);
    /// @notice No such lock of the sender.
    error StakingUnknownLock(bytes32 poolId, uint64 lockId);

    /// @notice Sets staking up, once.
    /// @param governance owns it
    /// @param guardian_ may stop new stakes
    /// @param token_ OPEN
    /// @param agents_ says which agents exist and who operates them
    /// @param models_ says which models exist
    /// @param sink_ gets what is slashed and is no bounty
    /// @param thawTime_ seconds between asking for stake and having it
    function initialize(
        address governance,
        address guardian_,
        IERC20 token_,
        IAgentOwners agents_,
        IModelOwners models_,
        IRewardSink sink_,
        uint256 thawTime_
    ) external;

    /// @notice Stakes the sender's OPEN on a pool for `staker`, who shares what it earns and loses. Not while paused.
    /// @return shares bought, rounded down
    function stake(bytes32 poolId, address staker, uint128 amountWei) external returns (uint256 shares);

    /// @notice The same with the sender's EIP-2612 permit.
    function stakeWithPermit(
        bytes32 poolId,
        address staker,
        uint128 amountWei,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint256 shares);

    /// @notice Takes shares of the sender out of a pool's active stake. They earn no more, can still be slashed, and can be
    /// withdrawn after the thaw time; each thaw keeps its own clock.
    /// @return amountWei what they are worth now, rounded down
    function thaw(bytes32 poolId, uint256 shares) external returns (uint256 amountWei);

    /// @notice Takes all of the sender's thaws in a pool that are over, as far as locks allow.
    function withdraw(bytes32 poolId, address to) external returns (uint256 amountWei);

    /// @notice Sets what the sender, an agent's operator, takes of rewards. Lower at once; higher after a notice, so that
    /// delegators can leave before.
    function setCommission(bytes32 poolId, uint32 ppm) external;

    /// @notice Takes the commissions that the sender earned.
    function withdrawCommission(address to) external returns (uint256 amountWei);

    /// @notice Keeps a pool's stake from falling below the sum of its locks by withdrawals. Slashers only.
    /// @param time seconds that the lock holds at most
    /// @return lockId of the lock
    function lock(bytes32 poolId, uint128 amountWei, uint256 time) external returns (uint64 lockId);

    /// @notice Ends one of the sender's locks. Does nothing if it is over already.
    function unlock(bytes32 poolId, uint64 lockId) external;

    /// @notice Allows or forbids a contract to slash and lock. Governance only.
    function setSlasher(address slasher, bool allowed) external;

    /// @notice Sets what one slash, and all within the window, may take. Governance only.
    function setSlashCaps(uint32 slashPpm, uint32 windowPpm) external;

    /// @notice Sets the part of a slash that is bounty. Governance only.
    function setBounty(uint32 ppm) external;

    /// @notice Sets how long later thaws take. Governance only.
    function setThawTime(uint256 thawTime_) external;

    /// @notice Whether a reward would go to the pool: somebody holds enough active shares. One storage read.
    function hasStake(bytes32 poolId) external view returns (bool staked);

    /// @notice A pool's sums and shares.
    function poolOf(bytes32 poolId) external view returns (Pool memory pool);

    /// @notice A staker's active shares, and what they are worth, rounded down.
    function stakeOf(bytes32 poolId, address staker) external view returns (uint256 shares, uint256 amountWei);

    /// @notice A staker's thaws in a pool.
    function thawsOf(bytes32 poolId, address staker) external view returns (Thaw[] memory thaws);

    /// @notice What an operator takes of its pool's rewards now.
    function commissionPpm(bytes32 poolId) external view returns (uint32 ppm);

    /// @notice Commissions that an operator has not withdrawn, wei, CURRENT.
    function earned(address operator) external view returns (uint256 amountWei);

    /// @notice What a slash could take of a pool now, wei.
    function slashLimitWei(bytes32 poolId) external view returns (uint256 amountWei);

    /// @notice Sum of a pool's locks, wei, CURRENT.
    function lockedWei(bytes32 poolId) external view returns (uint256 amountWei);

    /// @notice Whether a contract may slash and lock.
    function isSlasher(address slasher) external view returns (bool allowed);
}
