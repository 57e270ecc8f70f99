// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What other contracts ask of the stake behind an agent or a model
/// @notice A pool is named by 32 bytes: the number of an agent, or the id of a model. Numbers of agents are small and ids are
/// hashes, so they never meet.
interface IStaking {
    /// @notice Stake of a pool that is not thawing, wei, CURRENT.
    function activeWei(bytes32 poolId) external view returns (uint256 amountWei);

    /// @notice Stake of a pool that can be slashed, thawing included, wei, CURRENT.
    function slashableWei(bytes32 poolId) external view returns (uint256 amountWei);

    /// @notice Adds rewards to a pool, pulled from the sender, for all its active shares alike.
    function reward(bytes32 poolId, uint256 amountWei) external;

    /// @notice Takes stake for a fault, as far as the cap allows. Slashers only.
    /// @param bountyTo gets at most half; the rest funds rewards; 0 for no bounty
    /// @return slashedWei what was taken
    function slash(bytes32 poolId, uint256 amountWei, address bountyTo) external returns (uint256 slashedWei);
}
