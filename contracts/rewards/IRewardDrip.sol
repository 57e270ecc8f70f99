// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRewardSink} from "./IRewardSink.sol";

/// @title What a bad root could take at most
/// @notice Money for contributors waits here and drips into the vault, which cannot pay more than it holds: whatever a root
/// that nobody challenged should grant, its thieves get the vault's balance and no more, and the balance is bounded by the
/// drip.
/// @dev A bucket of allowance that fills at a rate up to a burst. Money goes to the vault and nowhere else, whoever asks:
/// neither governance nor the guardian has another way out of here. The guardian's pause stops the drip while a bad root is
/// live.
interface IRewardDrip is IRewardSink {
    /// @notice Money arrived for rewards, and waits.
    event DripFunded(address indexed from, bytes32 indexed source, uint256 amountWei);
    /// @notice Money went to the vault.
    event Dripped(uint256 amountWei, uint256 waitingWei);
    /// @notice The bucket's rate and size changed.
    event DripSet(uint256 weiPerDay, uint256 burstWei);

    /// @notice Funding with nothing.
    error DripZeroAmount();
    /// @notice An address that must be given is zero.
    error DripZeroAddress();
    /// @notice Nothing waits, or nothing is allowed yet.
    error DripNothing(uint256 waitingWei, uint256 allowanceWei);
    /// @notice The rate or burst is zero or above its bound.
    error DripOutOfRange(uint256 weiPerDay, uint256 burstWei);

    /// @notice Sets the drip up, once, with a full bucket.
    function initialize(address governance, address guardian_, uint128 weiPerDay_, uint128 burstWei_) external;

    /// @notice Sends what waits to the vault, as far as the bucket allows. Anybody may call; `fund` does it too.
    function drip() external returns (uint256 amountWei);

    /// @notice Sets how fast money may reach the vault. Governance only.
    function setDrip(uint128 weiPerDay_, uint128 burstWei_) external;

    /// @notice What may reach the vault now, wei, CURRENT.
    function allowanceWei() external view returns (uint256 amountWei);

    /// @notice What waits, wei, CURRENT.
    function waitingWei() external view returns (uint256 amountWei);

    /// @notice How fast the bucket fills, wei a day.
    function weiPerDay() external view returns (uint128);

    /// @notice What the bucket holds at most, wei.
    function burstWei() external view returns (uint128);
}
