// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IRewardSink} from "../rewards/IRewardSink.sol";

/// @title What the emission needs of the wallet it owns
interface IEmissionVesting {
    /// @notice Pays the owner what has vested.
    function release(address token) external;

    /// @notice What has vested and was not paid, wei.
    function releasable(address token) external view returns (uint256 amountWei);
}

/// @title The community's OPEN, flowing into rewards at a bounded rate
/// @notice Owns the community's vesting wallet. Anybody may let it fund the sink with what the rate allows since the last time,
/// up to a week's worth: who forgets it for a year cannot then flood the sink. What is not emitted stays here for later.
/// @dev Trusts: OPEN takes no fee on transfer and calls nobody; the vesting wallet is immutable. The sink is governance's choice
/// and is not trusted: it is approved exactly what it is to take and must take all of it. A pause stops emission; nothing here
/// belongs to anybody yet.
interface ICommunityEmission {
    /// @notice The sink was funded.
    /// @param allowedWei what could be emitted at once still
    event Emitted(address indexed sink, uint256 amountWei, uint256 allowedWei);
    /// @notice The rate from now on, wei a day.
    event RateSet(uint256 ratePerDayWei);
    /// @notice Who is funded from now on.
    event SinkSet(address indexed sink);

    /// @notice An emission without token, wallet or sink.
    error EmissionUnset();
    /// @notice The rate is above what any governance may set.
    error EmissionRateTooHigh(uint256 ratePerDayWei, uint256 mostWei);
    /// @notice The rate allows nothing yet, or nothing is here.
    error EmissionNothing(uint256 allowedWei, uint256 heldWei);
    /// @notice The sink did not take exactly what it was funded with.
    error EmissionSinkTook(uint256 takenWei, uint256 amountWei);

    /// @param vesting the community's wallet, which this owns or will own
    /// @param sink where rewards are brought: the drip before the vault, or the vault
    /// @param ratePerDayWei wei of OPEN a day, at most MAX_RATE_PER_DAY_WEI
    function initialize(
        address governance,
        address guardian_,
        IERC20 token,
        IEmissionVesting vesting,
        IRewardSink sink,
        uint256 ratePerDayWei
    ) external;

    /// @notice Takes what vested out of the wallet and funds the sink with what the rate allows and is here. Anybody may call.
    /// @return amountWei what the sink got
    function emitRewards() external returns (uint256 amountWei);

    /// @notice Sets the rate; what accrued until now stays, up to a week's worth of the new rate. Governance only.
    function setRatePerDay(uint256 ratePerDayWei) external;

    /// @notice Names another sink. Governance only.
    function setSink(IRewardSink sink) external;

    /// @notice OPEN.
    function token() external view returns (IERC20);

    /// @notice The wallet that pays this contract.
    function vesting() external view returns (IEmissionVesting);

    /// @notice Who is funded.
    function sink() external view returns (IRewardSink);

    /// @notice Wei of OPEN a day.
    function ratePerDayWei() external view returns (uint256);

    /// @notice What the rate allows to emit now, wei, whether it is here or not.
    function allowedWei() external view returns (uint256);

    /// @notice What `emitRewards` would fund the sink with now, wei.
    function emissible() external view returns (uint256 amountWei);
}
