// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Where slashed money goes to become rewards
interface IRewardsSink {
    /// @notice Takes OPEN from the sender, who must have approved it.
    /// @param source says where the money is from, for the index
    function fund(uint256 amountWei, bytes32 source) external;
}
