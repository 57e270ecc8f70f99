// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Where money for contributors is brought
interface IRewardSink {
    /// @notice Adds rewards from the sender, who must have approved them.
    /// @param source says where the money is from, for the index
    function fund(uint256 amountWei, bytes32 source) external;
}
