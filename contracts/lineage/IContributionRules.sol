// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What the registry asks before a curated Datanet takes a contribution
interface IContributionRules {
    /// @notice Takes note of a contribution, or refuses it by reverting. The registry only.
    /// @param contributionId as the registry's `contributionIdOf` gives it
    /// @param contributor who gives the records, and whose bond is taken
    function onContribution(
        bytes32 datanetId,
        bytes32 contributionId,
        address contributor,
        uint32 recordCount
    ) external;
}
