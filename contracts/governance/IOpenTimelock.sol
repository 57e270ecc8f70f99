// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The account that owns the economy: what the governor passed, it carries out, after a delay
interface IOpenTimelock {
    /// @notice A delay outside what any governance may set.
    error TimelockDelayOutOfBounds(uint256 delaySeconds, uint256 least, uint256 most);
}
