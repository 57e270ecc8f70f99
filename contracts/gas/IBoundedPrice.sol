// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPriceSource} from "./IPriceSource.sol";

/// @title A price that a keeper moves, a little at a time
/// @notice What a keeper whose key was stolen can do is bounded: each update changes the price by at most `maxChangePpm`, no
/// sooner than `minIntervalSeconds` after the one before, and never out of [minWei, maxWei]. Governance sets these within
/// limits that nobody can change.
/// @dev Trusts the keeper to look at a market. Prices are OPEN, in wei, for 1e18 wei of the native coin.
interface IBoundedPrice is IPriceSource {
    /// @notice What an update may do.
    /// @param minWei least price
    /// @param maxWei greatest price
    /// @param maxChangePpm by how much one update may change the price, parts per million of it
    /// @param minIntervalSeconds from one update to the next
    struct Bounds {
        uint128 minWei;
        uint128 maxWei;
        uint32 maxChangePpm;
        uint32 minIntervalSeconds;
    }

    /// @notice The price was set.
    event PriceUpdated(address indexed by, uint256 openWei);
    /// @notice What updates may do from now on.
    event BoundsSet(uint128 minWei, uint128 maxWei, uint32 maxChangePpm, uint32 minIntervalSeconds);
    /// @notice Who may update from now on; 0 for governance alone.
    event KeeperSet(address indexed keeper);

    /// @notice Only the keeper updates.
    error PriceNotKeeper(address sender);
    /// @notice The next update may come at `from`.
    error PriceTooSoon(uint256 time, uint256 from);
    /// @notice The price is outside its bounds.
    error PriceOutOfBounds(uint256 openWei, uint256 minWei, uint256 maxWei);
    /// @notice One update may not change it by so much.
    error PriceChangedTooMuch(uint256 openWei, uint256 previousWei, uint256 maxChangeWei);
    /// @notice The bounds break a limit: 0 < hard min ≤ min ≤ max ≤ hard max, change in (0, cap], interval at least its floor.
    error PriceBadBounds(Bounds bounds);

    /// @notice Moves the price. Keeper only, within the bounds.
    function update(uint256 openWei) external;

    /// @notice Sets the price anywhere within [minWei, maxWei], at any time: the way back after an outage. Governance only.
    function reset(uint256 openWei) external;

    /// @notice Sets what updates may do. The price of the moment must lie within. Governance only.
    function setBounds(Bounds calldata bounds_) external;

    /// @notice Names the keeper; 0 for none. Governance only.
    function setKeeper(address keeper_) external;

    /// @notice Who may update.
    function keeper() external view returns (address);

    /// @notice The bounds in force.
    function bounds() external view returns (Bounds memory);
}
