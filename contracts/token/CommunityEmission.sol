// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Guarded} from "../governance/Guarded.sol";
import {IRewardSink} from "../rewards/IRewardSink.sol";
import {ICommunityEmission, IEmissionVesting} from "./ICommunityEmission.sol";

/// @title The community's OPEN, flowing into rewards at a bounded rate
/// @notice See ICommunityEmission.
contract CommunityEmission is ICommunityEmission, Guarded, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice No vote may set a higher rate: about twice what vests a day (351,600,000 OPEN over 48 months are 240,662 a day),
    /// enough to work off a backlog. A sink that turns out bad takes, with CATCH_UP, at most 3,500,000 OPEN at once and 500,000 a
    /// day until it is paused or replaced: 0.4 % of the supply in the first day.
    uint256 public constant MAX_RATE_PER_DAY_WEI = 500_000e18;
    /// @notice Accrual stops after so long without an emission.
    uint256 public constant CATCH_UP = 7 days;
    /// @notice What the sink is told the money is from.
    bytes32 public constant SOURCE = "community";

    /// @inheritdoc ICommunityEmission
    IERC20 public token;
    /// @inheritdoc ICommunityEmission
    IEmissionVesting public vesting;
    /// @inheritdoc ICommunityEmission
    IRewardSink public sink;
    /// @inheritdoc ICommunityEmission
    uint256 public ratePerDayWei;
    /// @dev What was allowed at `_countedAt` and not emitted.
    uint192 internal _allowedWei;
    uint64 internal _countedAt;

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc ICommunityEmission
    function initialize(
        address governance,
        address guardian_,
        IERC20 token_,
        IEmissionVesting vesting_,
        IRewardSink sink_,
        uint256 ratePerDayWei_
    ) external initializer {
        require(address(token_) != address(0) && address(vesting_) != address(0), EmissionUnset());
        __Guarded_init(governance, guardian_);
        (token, vesting) = (token_, vesting_);
        _setSink(sink_);
        _setRatePerDay(ratePerDayWei_);
    }

    /// @inheritdoc ICommunityEmission
    function emitRewards() external whenOpen nonReentrant returns (uint256 amountWei) {
        // The wallet first: what it pays is part of what is here. It calls nobody but OPEN.
        vesting.release(address(token));
        uint256 allowedWei_ = allowedWei();
        uint256 heldWei = token.balanceOf(address(this));
        amountWei = Math.min(allowedWei_, heldWei);
        require(amountWei != 0, EmissionNothing(allowedWei_, heldWei));
        _count(allowedWei_ - amountWei);
        emit Emitted(address(sink), amountWei, allowedWei_ - amountWei);
        token.forceApprove(address(sink), amountWei);
        sink.fund(amountWei, SOURCE);
        uint256 takenWei = heldWei - token.balanceOf(address(this));
        require(takenWei == amountWei, EmissionSinkTook(takenWei, amountWei));
    }

    /// @inheritdoc ICommunityEmission
    function setRatePerDay(uint256 ratePerDayWei_) external onlyOwner {
        _setRatePerDay(ratePerDayWei_);
    }

    /// @inheritdoc ICommunityEmission
    function setSink(IRewardSink sink_) external onlyOwner {
        _setSink(sink_);
    }

    /// @inheritdoc ICommunityEmission
    function emissible() external view returns (uint256 amountWei) {
        uint256 heldWei = token.balanceOf(address(this)) + vesting.releasable(address(token));
        return Math.min(allowedWei(), heldWei);
    }

    /// @inheritdoc ICommunityEmission
    function allowedWei() public view returns (uint256) {
        uint256 accruedWei = _allowedWei + (ratePerDayWei * (block.timestamp - _countedAt)) / 1 days;
        return Math.min(accruedWei, (ratePerDayWei * CATCH_UP) / 1 days);
    }

    /// @dev What accrued is counted at the old rate; `allowedWei` cuts it to what the new one allows.
    function _setRatePerDay(uint256 ratePerDayWei_) private {
        require(ratePerDayWei_ <= MAX_RATE_PER_DAY_WEI, EmissionRateTooHigh(ratePerDayWei_, MAX_RATE_PER_DAY_WEI));
        _count(allowedWei());
        ratePerDayWei = ratePerDayWei_;
        emit RateSet(ratePerDayWei_);
    }

    function _setSink(IRewardSink sink_) private {
        require(address(sink_) != address(0), EmissionUnset());
        sink = sink_;
        emit SinkSet(address(sink_));
    }

    function _count(uint256 allowedWei_) private {
        _allowedWei = uint192(allowedWei_); // at most a week at the highest rate
        _countedAt = uint64(block.timestamp);
    }
}
