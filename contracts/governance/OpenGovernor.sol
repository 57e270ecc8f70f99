// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorPreventLateQuorum} from "@openzeppelin/contracts/governance/extensions/GovernorPreventLateQuorum.sol";
import {GovernorProposalGuardian} from "@openzeppelin/contracts/governance/extensions/GovernorProposalGuardian.sol";
import {GovernorSettings} from "@openzeppelin/contracts/governance/extensions/GovernorSettings.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {GovernorVotesQuorumFraction} from "@openzeppelin/contracts/governance/extensions/GovernorVotesQuorumFraction.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IOpenGovernor} from "./IOpenGovernor.sol";
import {OpenTimelock} from "./OpenTimelock.sol";

/// @title Votes of gOPEN holders
/// @notice See IOpenGovernor.
contract OpenGovernor is
    IOpenGovernor,
    GovernorSettings,
    GovernorCountingSimple,
    GovernorVotesQuorumFraction,
    GovernorPreventLateQuorum,
    GovernorProposalGuardian,
    GovernorTimelockControl
{
    uint256 public constant MIN_VOTING_DELAY = 1 hours;
    uint256 public constant MAX_VOTING_DELAY = 7 days;
    uint256 public constant MIN_VOTING_PERIOD = 5 days;
    uint256 public constant MAX_VOTING_PERIOD = 14 days;
    /// @notice With less, the guard against late quorums guards nothing.
    uint256 public constant MIN_VOTE_EXTENSION = 1 days;
    /// @notice 1 % of the supply: no vote may shut all but the greatest out.
    uint256 public constant MAX_PROPOSAL_THRESHOLD_WEI = 10_000_000e18;
    uint256 public constant MIN_QUORUM_PPM = 40_000;
    /// @notice With more, who stays away decides.
    uint256 public constant MAX_QUORUM_PPM = 500_000;
    /// @notice A floor above what is ever wrapped would lock governance for ever.
    uint256 public constant MAX_QUORUM_FLOOR_WEI = 100_000_000e18;

    /// @inheritdoc IOpenGovernor
    uint256 public immutable QUORUM_FLOOR_WEI;

    constructor(
        Terms memory terms
    )
        Governor("OpenGovernor")
        GovernorSettings(terms.votingDelay, terms.votingPeriod, terms.proposalThresholdWei)
        GovernorVotes(terms.votes)
        GovernorVotesQuorumFraction(terms.quorumPpm)
        GovernorPreventLateQuorum(terms.voteExtension)
        GovernorTimelockControl(new OpenTimelock(address(this), terms.timelockDelay))
    {
        _checkBounds(terms.quorumFloorWei, 1, MAX_QUORUM_FLOOR_WEI);
        QUORUM_FLOOR_WEI = terms.quorumFloorWei;
        _setProposalGuardian(terms.guardian);
    }

    /// @notice As Governor's; the guardian cannot cancel a proposal whose one action names the guardian. So it can delay what the
    /// votes want, by the time of one such vote, and no longer.
    function cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) public override returns (uint256) {
        if (msg.sender == proposalGuardian()) {
            bool replacesGuardian =
                targets.length == 1 &&
                    targets[0] == address(this) &&
                    bytes4(calldatas[0]) == this.setProposalGuardian.selector;
            uint256 proposalId = getProposalId(targets, values, calldatas, descriptionHash);
            require(!replacesGuardian, OpenGovernorGuardianKeepsItself(proposalId));
        }
        return super.cancel(targets, values, calldatas, descriptionHash);
    }

    /// @notice The votes, for and abstaining, that a proposal needs whose votes count as of `timepoint`, wei: the fraction of the
    /// supply of gOPEN, and never less than the floor.
    function quorum(uint256 timepoint) public view override(Governor, GovernorVotesQuorumFraction) returns (uint256) {
        return Math.max(super.quorum(timepoint), QUORUM_FLOOR_WEI);
    }

    /// @notice The quorum's fraction is in parts per million.
    function quorumDenominator() public pure override returns (uint256) {
        return 1_000_000;
    }

    /// @inheritdoc GovernorPreventLateQuorum
    function proposalDeadline(
        uint256 proposalId
    ) public view override(Governor, GovernorPreventLateQuorum) returns (uint256) {
        return super.proposalDeadline(proposalId);
    }

    /// @inheritdoc GovernorTimelockControl
    function proposalNeedsQueuing(
        uint256 proposalId
    ) public view override(Governor, GovernorTimelockControl) returns (bool) {
        return super.proposalNeedsQueuing(proposalId);
    }

    /// @inheritdoc GovernorSettings
    function proposalThreshold() public view override(Governor, GovernorSettings) returns (uint256) {
        return super.proposalThreshold();
    }

    /// @inheritdoc GovernorTimelockControl
    function state(uint256 proposalId) public view override(Governor, GovernorTimelockControl) returns (ProposalState) {
        return super.state(proposalId);
    }

    function _setVotingDelay(uint48 newVotingDelay) internal override {
        _checkBounds(newVotingDelay, MIN_VOTING_DELAY, MAX_VOTING_DELAY);
        super._setVotingDelay(newVotingDelay);
    }

    function _setVotingPeriod(uint32 newVotingPeriod) internal override {
        _checkBounds(newVotingPeriod, MIN_VOTING_PERIOD, MAX_VOTING_PERIOD);
        super._setVotingPeriod(newVotingPeriod);
    }

    function _setProposalThreshold(uint256 newThresholdWei) internal override {
        _checkBounds(newThresholdWei, 0, MAX_PROPOSAL_THRESHOLD_WEI);
        super._setProposalThreshold(newThresholdWei);
    }

    function _setLateQuorumVoteExtension(uint48 newVoteExtension) internal override {
        _checkBounds(newVoteExtension, MIN_VOTE_EXTENSION, votingPeriod());
        super._setLateQuorumVoteExtension(newVoteExtension);
    }

    function _updateQuorumNumerator(uint256 newQuorumPpm) internal override {
        _checkBounds(newQuorumPpm, MIN_QUORUM_PPM, MAX_QUORUM_PPM);
        super._updateQuorumNumerator(newQuorumPpm);
    }

    function _tallyUpdated(uint256 proposalId) internal override(Governor, GovernorPreventLateQuorum) {
        super._tallyUpdated(proposalId);
    }

    function _queueOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint48) {
        return super._queueOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _executeOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) {
        super._executeOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint256) {
        return super._cancel(targets, values, calldatas, descriptionHash);
    }

    /// @dev OpenZeppelin's would let a proposer cancel what was voted while there is no guardian.
    function _validateCancel(
        uint256 proposalId,
        address caller
    ) internal view override(Governor, GovernorProposalGuardian) returns (bool) {
        return caller == proposalGuardian() || Governor._validateCancel(proposalId, caller);
    }

    function _executor() internal view override(Governor, GovernorTimelockControl) returns (address) {
        return super._executor();
    }

    function _checkBounds(uint256 value, uint256 least, uint256 most) private pure {
        require(value >= least && value <= most, OpenGovernorOutOfBounds(value, least, most));
    }
}
