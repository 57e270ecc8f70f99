// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Where stake and bonds that were lost go: the reward vault
interface IRewardSink {
    /// @notice Pulls OPEN from the sender into the vault.
    /// @param source says where it comes from, for the index
    function fund(uint256 amountWei, bytes32 source) external;
}
