// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Guarded} from "../governance/Guarded.sol";
import {IRewardSink} from "../rewards/IRewardSink.sol";
import {IAgentOwners} from "./IAgentOwners.sol";
import {IAgentStaking} from "./IAgentStaking.sol";
import {IModelOwners} from "./IModelOwners.sol";
import {IStaking} from "./IStaking.sol";

/// @title Stake behind agents and models
/// @notice See IAgentStaking, which says what each function does, trusts and refuses.
contract AgentStaking is IAgentStaking, Guarded {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// @notice What one slash, or all within the window, may take at most, whatever governance sets; parts per million.
    uint32 public constant MAX_SLASH_PPM = 500_000;
    /// @notice Most of a slash that can be bounty, parts per million.
    uint32 public constant MAX_BOUNTY_PPM = 500_000;
    /// @notice Most that an operator can take of rewards, parts per million.
    uint32 public constant MAX_COMMISSION_PPM = 300_000;
    /// @notice Seconds between announcing a higher commission and its being in force.
    uint256 public constant COMMISSION_NOTICE = 7 days;
    /// @notice Slashes count for at least this many days against the cap of the window, and for one day more at most.
    uint256 public constant WINDOW_DAYS = 7;
    uint256 public constant MIN_THAW_TIME = 1 days;
    uint256 public constant MAX_THAW_TIME = 60 days;
    /// @notice Longest that a lock can hold.
    uint256 public constant MAX_LOCK_TIME = 30 days;
    /// @notice Thaws that one staker may have running in a pool; bounds the loop of `withdraw`.
    uint256 public constant MAX_THAWS = 16;
    /// @notice Locks that may hold a pool at once; bounds the loops over them.
    uint256 public constant MAX_LOCKS = 16;
    /// @notice Fewer active shares are not rewarded, for virtual shares would take more than a billionth of it.
    uint256 public constant MIN_REWARDED_SHARES = 1e15;

    uint256 internal constant ONE_PPM = 1_000_000;
    uint256 internal constant ONE = 1e18;
    /// @dev Shares that nobody holds, beside a wei that nobody staked.
    uint256 internal constant VIRTUAL_SHARES = 1e6;
    /// @dev Agents are numbered from 1; ids of models are hashes.
    uint256 internal constant LAST_AGENT = type(uint64).max;

    /// @notice OPEN.
    IERC20 public token;
    /// @notice Asked which agents exist and who operates them.
    IAgentOwners public agents;
    /// @notice Asked which models exist.
    IModelOwners public models;
    /// @notice Gets what is slashed and is no bounty.
    IRewardSink public sink;
    /// @notice Seconds that a thaw takes.
    uint64 public thawTime;
    /// @notice What one slash may take of a pool, parts per million.
    uint32 public slashPpm;
    /// @notice What all slashes within the window may take of a stake, parts per million.
    uint32 public windowPpm;
    /// @notice Part of a slash that goes to whom the slasher names, parts per million.
    uint32 public bountyPpm;
    uint64 internal _lastLock;

    /// @inheritdoc IAgentStaking
    mapping(address slasher => bool) public isSlasher;
    /// @inheritdoc IAgentStaking
    mapping(address operator => uint256) public earned;
    mapping(bytes32 poolId => Pool) internal _pools;
    mapping(bytes32 poolId => mapping(address staker => uint256)) internal _shares;
    mapping(bytes32 poolId => mapping(address staker => Thaw[])) internal _thaws;
    mapping(bytes32 poolId => Commission) internal _commissions;
    mapping(bytes32 poolId => Lock[]) internal _locks;
    mapping(bytes32 poolId => mapping(uint64 lockId => address)) internal _lockers;
    /// @dev Sum of the fractions of its stake that a pool lost on a day, of `ONE`, rounded up.
    mapping(bytes32 poolId => mapping(uint256 day => uint256)) internal _lostOn;

    modifier onlySlasher() {
        require(isSlasher[msg.sender], StakingNotSlasher(msg.sender));
        _;
    }

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc IAgentStaking
    function initialize(
        address governance,
        address guardian_,
        IERC20 token_,
        IAgentOwners agents_,
        IModelOwners models_,
        IRewardSink sink_,
        uint256 thawTime_
    ) external initializer {
        require(
            address(token_) != address(0) &&
                address(agents_) != address(0) &&
                address(models_) != address(0) &&
                address(sink_) != address(0),
            StakingZeroAddress()
        );
        __Guarded_init(governance, guardian_);
        (token, agents, models, sink) = (token_, agents_, models_, sink_);
        _setThawTime(thawTime_);
        _setSlashCaps(300_000, 500_000);
        _setBounty(500_000);
    }

    /// @inheritdoc IAgentStaking
    function stake(bytes32 poolId, address staker, uint128 amountWei) public whenOpen returns (uint256 shares) {
        require(staker != address(0), StakingZeroAddress());
        require(amountWei != 0, StakingZeroAmount());
        require(_exists(poolId), StakingUnknownPool(poolId));
        Pool storage pool = _pools[poolId];
        shares = _toShares(amountWei, pool.activeWei, pool.activeShares);
        require(shares != 0, StakingTooSmall(poolId, amountWei));
        pool.activeWei += amountWei;
        pool.activeShares += shares;
        _shares[poolId][staker] += shares;
        emit Staked(poolId, staker, msg.sender, amountWei, shares);
        token.safeTransferFrom(msg.sender, address(this), amountWei);
    }

    /// @inheritdoc IAgentStaking
    function stakeWithPermit(
        bytes32 poolId,
        address staker,
        uint128 amountWei,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint256 shares) {
        // Whoever saw the permit may have used it first; then the allowance is there, and the transfer is the test.
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amountWei, deadline, v, r, s) {} catch {}
        return stake(poolId, staker, amountWei);
    }

    /// @inheritdoc IAgentStaking
    function thaw(bytes32 poolId, uint256 shares) external returns (uint256 amountWei) {
        uint256 heldShares = _shares[poolId][msg.sender];
        require(shares <= heldShares, StakingTooFewShares(poolId, msg.sender, shares, heldShares));
        Thaw[] storage thaws = _thaws[poolId][msg.sender];
        require(thaws.length < MAX_THAWS, StakingTooManyThaws(poolId, msg.sender, MAX_THAWS));
        Pool storage pool = _pools[poolId];
        amountWei = _toWei(shares, pool.activeWei, pool.activeShares);
        require(amountWei != 0, StakingZeroAmount());
        uint256 thawingShares = _toShares(amountWei, pool.thawingWei, pool.thawingShares);
        uint256 until = block.timestamp + thawTime;
        _shares[poolId][msg.sender] = heldShares - shares;
        pool.activeShares -= shares;
        pool.activeWei -= amountWei.toUint128();
        pool.thawingShares += thawingShares;
        pool.thawingWei += amountWei.toUint128();
        thaws.push(Thaw(thawingShares.toUint192(), until.toUint64()));
        emit ThawStarted(poolId, msg.sender, shares, thawingShares, amountWei, until);
    }

    /// @inheritdoc IAgentStaking
    function withdraw(bytes32 poolId, address to) external returns (uint256 amountWei) {
        require(to != address(0), StakingZeroAddress());
        Pool storage pool = _pools[poolId];
        Thaw[] storage thaws = _thaws[poolId][msg.sender];
        uint256 heldWei = slashableWei(poolId);
        uint256 mustStayWei = lockedWei(poolId);
        uint256 kept;
        uint256 firstUntil;
        bool held;
        uint256 count = thaws.length;
        for (uint256 i; i < count; ++i) {
            Thaw memory leaving = thaws[i];
            bool over = block.timestamp >= leaving.until;
            uint256 partWei = over ? _toWei(leaving.shares, pool.thawingWei, pool.thawingShares) : 0;
            bool free = partWei + mustStayWei <= heldWei - amountWei;
            if (over && free) {
                pool.thawingShares -= leaving.shares;
                pool.thawingWei -= partWei.toUint128();
                amountWei += partWei;
            } else {
                if (over) held = true;
                else if (firstUntil == 0 || leaving.until < firstUntil) firstUntil = leaving.until;
                if (kept != i) thaws[kept] = leaving;
                ++kept;
            }
        }
        if (kept == count) {
            require(!held, StakingLocked(poolId, mustStayWei, heldWei));
            revert StakingStillThawing(poolId, msg.sender, firstUntil);
        }
        for (uint256 i = kept; i < count; ++i) thaws.pop();
        emit StakeWithdrawn(poolId, msg.sender, to, amountWei);
        token.safeTransfer(to, amountWei);
    }

    /// @inheritdoc IStaking
    /// @dev Who pays many pools must not be stopped by one that lost its stake: what nobody could share goes to rewards.
    function reward(bytes32 poolId, uint256 amountWei) external {
        require(amountWei != 0, StakingZeroAmount());
        if (!hasStake(poolId)) {
            emit RewardDiverted(poolId, msg.sender, amountWei);
            token.safeTransferFrom(msg.sender, address(this), amountWei);
            _fundRewards(amountWei);
            return;
        }
        address operator = _operatorOf(poolId);
        uint256 commissionWei = operator == address(0) ? 0 : (amountWei * commissionPpm(poolId)) / ONE_PPM;
        if (commissionWei != 0) earned[operator] += commissionWei;
        _pools[poolId].activeWei += (amountWei - commissionWei).toUint128();
        emit Rewarded(poolId, msg.sender, operator, amountWei, commissionWei);
        token.safeTransferFrom(msg.sender, address(this), amountWei);
    }

    /// @inheritdoc IAgentStaking
    function setCommission(bytes32 poolId, uint32 ppm) external {
        require(msg.sender == _operatorOf(poolId), StakingNotOperator(poolId, msg.sender));
        require(ppm <= MAX_COMMISSION_PPM, StakingRateTooHigh(ppm, MAX_COMMISSION_PPM));
        uint32 currentPpm = commissionPpm(poolId);
        uint256 from = ppm > currentPpm ? block.timestamp + COMMISSION_NOTICE : block.timestamp;
        _commissions[poolId] = Commission(currentPpm, ppm, from.toUint64());
        emit CommissionSet(poolId, ppm, from);
    }

    /// @inheritdoc IAgentStaking
    function withdrawCommission(address to) external returns (uint256 amountWei) {
        amountWei = earned[msg.sender];
        require(amountWei != 0, StakingNothingEarned(msg.sender));
        earned[msg.sender] = 0;
        emit CommissionWithdrawn(msg.sender, to, amountWei);
        token.safeTransfer(to, amountWei);
    }

    /// @inheritdoc IStaking
    /// @dev Active and thawing stake lose the same fraction. What rounding leaves is taken from the active part.
    function slash(
        bytes32 poolId,
        uint256 amountWei,
        address bountyTo
    ) external onlySlasher returns (uint256 slashedWei) {
        slashedWei = Math.min(amountWei, slashLimitWei(poolId));
        if (slashedWei == 0) return 0;
        Pool storage pool = _pools[poolId];
        uint256 totalWei = slashableWei(poolId);
        uint256 fromThawingWei = (slashedWei * pool.thawingWei) / totalWei;
        uint256 fromActiveWei = slashedWei - fromThawingWei;
        uint256 bountyWei = bountyTo == address(0) ? 0 : _bountyWei(poolId, slashedWei, fromActiveWei);
        pool.thawingWei -= fromThawingWei.toUint128();
        pool.activeWei -= fromActiveWei.toUint128();
        _lostOn[poolId][block.timestamp / 1 days] += Math.ceilDiv(slashedWei * ONE, totalWei);
        emit Slashed(poolId, msg.sender, bountyTo, slashedWei, fromActiveWei, bountyWei);
        _fundRewards(slashedWei - bountyWei);
        if (bountyWei != 0) token.safeTransfer(bountyTo, bountyWei);
    }

    /// @inheritdoc IAgentStaking
    function lock(bytes32 poolId, uint128 amountWei, uint256 time) external onlySlasher returns (uint64 lockId) {
        require(amountWei != 0, StakingZeroAmount());
        require(time != 0 && time <= MAX_LOCK_TIME, StakingTimeOutOfRange(time, 1, MAX_LOCK_TIME));
        Lock[] storage locks = _locks[poolId];
        for (uint256 i = locks.length; i > 0; --i) {
            if (block.timestamp >= locks[i - 1].until) _removeLock(locks, i - 1);
        }
        require(locks.length < MAX_LOCKS, StakingTooManyLocks(poolId, MAX_LOCKS));
        lockId = ++_lastLock;
        uint64 until = (block.timestamp + time).toUint64();
        locks.push(Lock(lockId, until, amountWei));
        _lockers[poolId][lockId] = msg.sender;
        emit Locked(poolId, lockId, msg.sender, amountWei, until);
    }

    /// @inheritdoc IAgentStaking
    function unlock(bytes32 poolId, uint64 lockId) external {
        require(_lockers[poolId][lockId] == msg.sender, StakingUnknownLock(poolId, lockId));
        Lock[] storage locks = _locks[poolId];
        for (uint256 i; i < locks.length; ++i) {
            if (locks[i].id != lockId) continue;
            _removeLock(locks, i);
            emit Unlocked(poolId, lockId);
            return;
        }
    }

    /// @inheritdoc IAgentStaking
    function setSlasher(address slasher, bool allowed) external onlyOwner {
        require(slasher != address(0), StakingZeroAddress());
        isSlasher[slasher] = allowed;
        emit SlasherSet(slasher, allowed);
    }

    /// @inheritdoc IAgentStaking
    function setSlashCaps(uint32 slashPpm_, uint32 windowPpm_) external onlyOwner {
        _setSlashCaps(slashPpm_, windowPpm_);
    }

    /// @inheritdoc IAgentStaking
    function setBounty(uint32 ppm) external onlyOwner {
        _setBounty(ppm);
    }

    /// @inheritdoc IAgentStaking
    function setThawTime(uint256 thawTime_) external onlyOwner {
        _setThawTime(thawTime_);
    }

    /// @inheritdoc IAgentStaking
    function hasStake(bytes32 poolId) public view returns (bool staked) {
        return _pools[poolId].activeShares >= MIN_REWARDED_SHARES;
    }

    /// @inheritdoc IStaking
    function activeWei(bytes32 poolId) external view returns (uint256 amountWei) {
        return _pools[poolId].activeWei;
    }

    /// @inheritdoc IStaking
    function slashableWei(bytes32 poolId) public view returns (uint256 amountWei) {
        Pool storage pool = _pools[poolId];
        return uint256(pool.activeWei) + pool.thawingWei;
    }

    /// @inheritdoc IAgentStaking
    function slashLimitWei(bytes32 poolId) public view returns (uint256 amountWei) {
        uint256 today = block.timestamp / 1 days;
        uint256 lost;
        for (uint256 i; i <= WINDOW_DAYS; ++i) lost += _lostOn[poolId][today - i];
        uint256 leftOver = Math.saturatingSub((windowPpm * ONE) / ONE_PPM, lost);
        return (slashableWei(poolId) * Math.min((slashPpm * ONE) / ONE_PPM, leftOver)) / ONE;
    }

    /// @inheritdoc IAgentStaking
    function lockedWei(bytes32 poolId) public view returns (uint256 amountWei) {
        Lock[] storage locks = _locks[poolId];
        for (uint256 i; i < locks.length; ++i) {
            if (block.timestamp < locks[i].until) amountWei += locks[i].amountWei;
        }
    }

    /// @inheritdoc IAgentStaking
    function poolOf(bytes32 poolId) external view returns (Pool memory pool) {
        return _pools[poolId];
    }

    /// @inheritdoc IAgentStaking
    function stakeOf(bytes32 poolId, address staker) external view returns (uint256 shares, uint256 amountWei) {
        Pool storage pool = _pools[poolId];
        shares = _shares[poolId][staker];
        amountWei = _toWei(shares, pool.activeWei, pool.activeShares);
    }

    /// @inheritdoc IAgentStaking
    function thawsOf(bytes32 poolId, address staker) external view returns (Thaw[] memory thaws) {
        return _thaws[poolId][staker];
    }

    /// @inheritdoc IAgentStaking
    function commissionPpm(bytes32 poolId) public view returns (uint32 ppm) {
        Commission memory commission = _commissions[poolId];
        return block.timestamp >= commission.nextFrom ? commission.nextPpm : commission.ppm;
    }

    /// @dev At most what those lost who answer for the pool: an operator that reports itself must not live on its delegators.
    function _bountyWei(
        bytes32 poolId,
        uint256 slashedWei_,
        uint256 fromActiveWei
    ) internal view returns (uint256 amountWei) {
        uint256 ownShares;
        if (uint256(poolId) <= LAST_AGENT) {
            address operator = agents.operatorOf(uint256(poolId));
            address owner_ = agents.ownerOf(uint256(poolId));
            ownShares = _shares[poolId][operator];
            if (owner_ != operator) ownShares += _shares[poolId][owner_];
        } else {
            ownShares = _shares[poolId][models.ownerOf(poolId)];
        }
        uint256 ownLossWei = Math.mulDiv(ownShares, fromActiveWei, _pools[poolId].activeShares + VIRTUAL_SHARES);
        return Math.min(ownLossWei, (slashedWei_ * bountyPpm) / ONE_PPM);
    }

    function _fundRewards(uint256 amountWei) internal {
        token.forceApprove(address(sink), amountWei);
        sink.fund(amountWei, "stake");
    }

    function _setSlashCaps(uint32 slashPpm_, uint32 windowPpm_) internal {
        require(windowPpm_ <= MAX_SLASH_PPM, StakingRateTooHigh(windowPpm_, MAX_SLASH_PPM));
        require(slashPpm_ <= windowPpm_, StakingRateTooHigh(slashPpm_, windowPpm_));
        (slashPpm, windowPpm) = (slashPpm_, windowPpm_);
        emit SlashCapsSet(slashPpm_, windowPpm_);
    }

    function _setBounty(uint32 ppm) internal {
        require(ppm <= MAX_BOUNTY_PPM, StakingRateTooHigh(ppm, MAX_BOUNTY_PPM));
        bountyPpm = ppm;
        emit BountySet(ppm);
    }

    function _setThawTime(uint256 thawTime_) internal {
        require(
            thawTime_ >= MIN_THAW_TIME && thawTime_ <= MAX_THAW_TIME,
            StakingTimeOutOfRange(thawTime_, MIN_THAW_TIME, MAX_THAW_TIME)
        );
        thawTime = uint64(thawTime_); // at most 60 days
        emit ThawTimeSet(thawTime_);
    }

    function _removeLock(Lock[] storage locks, uint256 index) internal {
        locks[index] = locks[locks.length - 1];
        locks.pop();
    }

    /// @dev 0 for a model's pool, and for an agent that does not exist.
    function _operatorOf(bytes32 poolId) internal view returns (address operator) {
        if (uint256(poolId) <= LAST_AGENT) operator = agents.operatorOf(uint256(poolId));
    }

    function _exists(bytes32 poolId) internal view returns (bool) {
        if (uint256(poolId) <= LAST_AGENT) return agents.operatorOf(uint256(poolId)) != address(0);
        return models.ownerOf(poolId) != address(0);
    }

    function _toShares(uint256 amountWei, uint256 poolWei, uint256 poolShares) internal pure returns (uint256 shares) {
        return Math.mulDiv(amountWei, poolShares + VIRTUAL_SHARES, poolWei + 1);
    }

    function _toWei(uint256 shares, uint256 poolWei, uint256 poolShares) internal pure returns (uint256 amountWei) {
        return Math.mulDiv(shares, poolWei + 1, poolShares + VIRTUAL_SHARES);
    }
}
