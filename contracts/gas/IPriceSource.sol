// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Says what one unit of the chain's native coin costs in OPEN
interface IPriceSource {
    /// @notice The latest price and when it was made. Old prices are answered too: whoever asks decides how old is too old.
    /// @dev Must not read the clock: bundlers refuse operations whose validation does (ERC-7562, OP-011).
    /// @return openWei OPEN, in wei, for 1e18 wei of the native coin
    /// @return updatedAt when it was set, seconds
    function price() external view returns (uint256 openWei, uint64 updatedAt);
}
