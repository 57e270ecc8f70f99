// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";

/// @title Votes of gOPEN holders on parameters, upgrades and the treasury
/// @notice OpenZeppelin's Governor (propose, castVote…, queue, execute, cancel), with what makes it hard to capture: a quorum
/// with a floor in OPEN, for a fraction of what is wrapped is small while little is wrapped; a vote that reaches its quorum late
/// goes on; every parameter has bounds that no vote can leave.
/// @dev The constructor creates the timelock with itself as the only proposer and canceller, anybody as executor and no admin, so
/// no deployer ever has a role. Trusts: gOPEN's checkpoints.
interface IOpenGovernor {
    /// @param votes gOPEN
    /// @param votingDelay seconds from a proposal to its vote, 1 hour to 7 days
    /// @param votingPeriod seconds, 5 to 14 days
    /// @param voteExtension seconds that a vote goes on at least once its quorum is reached, 1 day to the voting period
    /// @param timelockDelay seconds from queueing to execution, 1 to 30 days
    /// @param proposalThresholdWei votes that a proposer needs, at most 10,000,000 OPEN
    /// @param quorumPpm quorum as part of the gOPEN supply, 4 to 50 %
    /// @param quorumFloorWei quorum at least, for ever, 1 wei to 100,000,000 OPEN
    /// @param guardian may cancel proposals until they are executed; 0 for nobody
    struct Terms {
        IVotes votes;
        uint48 votingDelay;
        uint32 votingPeriod;
        uint48 voteExtension;
        uint256 timelockDelay;
        uint256 proposalThresholdWei;
        uint256 quorumPpm;
        uint256 quorumFloorWei;
        address guardian;
    }

    /// @notice A parameter outside what any vote may set.
    error OpenGovernorOutOfBounds(uint256 value, uint256 least, uint256 most);
    /// @notice A guardian cannot cancel the proposal that does nothing but name another.
    error OpenGovernorGuardianKeepsItself(uint256 proposalId);

    /// @notice The least votes, for and abstaining, that a proposal ever needs, wei.
    function QUORUM_FLOOR_WEI() external view returns (uint256);
}
