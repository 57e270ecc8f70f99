// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What the rooms of agents and training ask the lineage registry
interface IModelOwners {
    /// @notice Owner of a model or Datanet; 0 if there is none of that id.
    function ownerOf(bytes32 id) external view returns (address owner);
}
