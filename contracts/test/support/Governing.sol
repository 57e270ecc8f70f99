// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IOpenGovernor} from "../../governance/IOpenGovernor.sol";
import {IRewardSink} from "../../rewards/IRewardSink.sol";
import {ICommunityEmission, IEmissionVesting} from "../../token/ICommunityEmission.sol";
import {IGovernanceOpen} from "../../token/IGovernanceOpen.sol";
import {OpenToken} from "../../token/OpenToken.sol";
import {Cheats} from "./Cheats.sol";

/// The governor with what OpenZeppelin's extensions add, so that tests need not compile it.
interface IFullGovernor is IGovernor, IOpenGovernor {
    event ProposalExtended(uint256 indexed proposalId, uint64 extendedDeadline);
    event ProposalGuardianSet(address oldProposalGuardian, address newProposalGuardian);

    function timelock() external view returns (address);
    function proposalGuardian() external view returns (address);
    function setProposalGuardian(address guardian) external;
    function setVotingDelay(uint48 delay) external;
    function setVotingPeriod(uint32 period) external;
    function setProposalThreshold(uint256 thresholdWei) external;
    function setLateQuorumVoteExtension(uint48 extension) external;
    function lateQuorumVoteExtension() external view returns (uint48);
    function updateQuorumNumerator(uint256 ppm) external;
    function updateTimelock(address timelock_) external;
    function quorumNumerator() external view returns (uint256);
    function quorumDenominator() external view returns (uint256);
    function token() external view returns (address);
}

interface IFullTimelock is IAccessControl {
    error TimelockDelayOutOfBounds(uint256 delaySeconds, uint256 least, uint256 most);
    error TimelockUnauthorizedCaller(address caller);

    function DEFAULT_ADMIN_ROLE() external view returns (bytes32);
    function PROPOSER_ROLE() external view returns (bytes32);
    function EXECUTOR_ROLE() external view returns (bytes32);
    function CANCELLER_ROLE() external view returns (bytes32);
    function getMinDelay() external view returns (uint256);
    function updateDelay(uint256 delay) external;
    function cancel(bytes32 id) external;
    function schedule(
        address target,
        uint256 value,
        bytes calldata data,
        bytes32 predecessor,
        bytes32 salt,
        uint256 delay
    ) external;
    function execute(
        address target,
        uint256 value,
        bytes calldata data,
        bytes32 predecessor,
        bytes32 salt
    ) external payable;
}

/// OPEN, gOPEN, governor and timelock, wired as the deployment wires them, and an emission that the timelock owns. ALICE has 40
/// million votes, BOB 30 million, CAROL 1 million; the test holds the rest of OPEN, unwrapped.
abstract contract Governing is Cheats {
    struct Proposal {
        address[] targets;
        uint256[] values;
        bytes[] calldatas;
        string description;
        uint256 id;
    }

    address internal constant ALICE = address(0xA1);
    address internal constant BOB = address(0xB0);
    address internal constant CAROL = address(0xCA);
    address internal constant GUARDIAN = address(0x6a);
    address internal constant STRANGER = address(0x57);
    uint8 internal constant AGAINST = 0;
    uint8 internal constant FOR = 1;
    uint8 internal constant ABSTAIN = 2;
    uint256 internal constant FLOOR_WEI = 25_000_000e18;

    OpenToken internal token;
    IGovernanceOpen internal votes;
    IFullGovernor internal governor;
    IFullTimelock internal timelock;
    ICommunityEmission internal emission;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        token = OpenToken(deployed("OpenToken", abi.encode(address(this))));
        votes = IGovernanceOpen(deployed("GovernanceOpen", abi.encode(token)));
        governor = IFullGovernor(deployed("OpenGovernor", abi.encode(terms())));
        timelock = IFullTimelock(governor.timelock());
        IEmissionVesting wallet = IEmissionVesting(address(1));
        IRewardSink sink = IRewardSink(address(1));
        bytes memory setup = abi.encodeCall(
            ICommunityEmission.initialize,
            (address(timelock), GUARDIAN, token, wallet, sink, 1)
        );
        emission = ICommunityEmission(deployed("ERC1967Proxy", abi.encode(deployed("CommunityEmission", ""), setup)));
        token.approve(address(votes), type(uint256).max);
        wrap(ALICE, 40_000_000e18);
        wrap(BOB, 30_000_000e18);
        wrap(CAROL, 1_000_000e18);
        vm.warp(block.timestamp + 1);
    }

    function terms() internal view returns (IOpenGovernor.Terms memory) {
        return
            IOpenGovernor.Terms({
                votes: IVotes(address(votes)),
                votingDelay: 1 days,
                votingPeriod: 7 days,
                voteExtension: 2 days,
                timelockDelay: 3 days,
                proposalThresholdWei: 100_000e18,
                quorumPpm: 250_000,
                quorumFloorWei: FLOOR_WEI,
                guardian: GUARDIAN
            });
    }

    function wrap(address account, uint256 amountWei) internal {
        votes.depositFor(account, amountWei);
        vm.prank(account);
        votes.delegate(account);
    }

    /// A proposal of one action.
    function proposal(address target, bytes memory data) internal view returns (Proposal memory p) {
        p.targets = new address[](1);
        p.values = new uint256[](1);
        p.calldatas = new bytes[](1);
        (p.targets[0], p.calldatas[0], p.description) = (target, data, "why");
        p.id = governor.hashProposal(p.targets, p.values, p.calldatas, keccak256("why"));
    }

    /// A proposal of the governor's about itself.
    function proposal(bytes memory data) internal view returns (Proposal memory) {
        return proposal(address(governor), data);
    }

    function propose(Proposal memory p) internal {
        vm.prank(ALICE);
        equal(governor.propose(p.targets, p.values, p.calldatas, p.description), p.id, "id");
    }

    function open(Proposal memory p) internal {
        propose(p);
        vm.warp(governor.proposalSnapshot(p.id) + 1);
    }

    function vote(Proposal memory p, address voter, uint8 support) internal {
        vm.prank(voter);
        governor.castVote(p.id, support);
    }

    /// Proposes, passes by ALICE's votes and lets the vote end.
    function pass(Proposal memory p) internal {
        open(p);
        vote(p, ALICE, FOR);
        vm.warp(governor.proposalDeadline(p.id) + 1);
    }

    function queue(Proposal memory p) internal {
        governor.queue(p.targets, p.values, p.calldatas, keccak256(bytes(p.description)));
    }

    function execute(Proposal memory p) internal {
        governor.execute(p.targets, p.values, p.calldatas, keccak256(bytes(p.description)));
    }

    function cancel(Proposal memory p) internal {
        governor.cancel(p.targets, p.values, p.calldatas, keccak256(bytes(p.description)));
    }

    /// Passes, queues and waits until it can be executed.
    function ripen(Proposal memory p) internal {
        pass(p);
        queue(p);
        vm.warp(block.timestamp + timelock.getMinDelay());
    }

    function isIn(Proposal memory p, IGovernor.ProposalState state, string memory what) internal view {
        equal(uint256(governor.state(p.id)), uint256(state), what);
    }
}
