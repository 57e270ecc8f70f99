// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IRewardDistributor} from "./IRewardDistributor.sol";

/// @title Where rewards roots are proposed and disputed
/// @notice A proposer puts a bond under each root. Until the root opens, anybody may challenge it under a bond as large. What
/// can be shown from the tree alone settles on chain; the rest is for governance; if governance is silent, it is a draw.
/// @dev One root is pending at a time. An epoch's number is its index here, and its tree's low sentinel carries it, so a
/// rejected epoch can be proposed again, corrected or not, under the next number. Bonds are held here, rewards in the vault.
interface IRootCourt {
    /// @notice None: no such epoch. Proposed: pending, or live once its root has opened. Rejected is for good.
    enum Status {
        None,
        Proposed,
        Challenged,
        Rejected
    }

    /// @notice What a tree can be wrong about by itself.
    /// Regression: an account is owed less than a live root grants. Disorder: neighbours do not ascend. Omission: an account
    /// of a live root is missing. Excess: some words sum to more than the stated total. Misframing: a sentinel is wrong.
    /// Unevenness: two words lie at different depths, so neighbours prove nothing.
    enum Fault {
        None,
        Regression,
        Disorder,
        Omission,
        Excess,
        Misframing,
        Unevenness
    }

    /// @notice What a proposer states.
    /// @param root of the words, see MerkleWord
    /// @param dataDigest digest of the epoch manifest
    /// @param engineHash what computed it
    /// @param totalWei sum of all words, CUMULATIVE over all epochs
    /// @param toBlock last block whose receipts are paid, ascending
    /// @param blockHash of that block, so that a reorganised chain is noticed
    struct Proposal {
        bytes32 root;
        bytes32 dataDigest;
        bytes32 engineHash;
        uint128 totalWei;
        uint64 toBlock;
        bytes32 blockHash;
    }

    /// @notice What the court keeps of an epoch.
    /// @param parent the epoch that was the latest one before
    /// @param bondReleased whether the proposer's bond has left the court
    /// @param bondWei the bond of each side
    /// @param challengedAt seconds
    struct Epoch {
        bytes32 root;
        uint128 totalWei;
        uint64 toBlock;
        uint48 parent;
        Status status;
        bool bondReleased;
        address proposer;
        uint96 bondWei;
        address challenger;
        uint48 challengedAt;
    }

    /// @notice A word and its place, as a proof is given.
    /// @param proof siblings from the leaf up
    struct Leaf {
        bytes32 word;
        uint256 index;
        bytes32[] proof;
    }

    /// @notice A root was proposed and opens at `opensAt` unless challenged.
    event RootProposed(
        uint256 indexed epoch,
        bytes32 indexed root,
        address indexed proposer,
        bytes32 dataDigest,
        bytes32 engineHash,
        uint256 totalWei,
        uint64 toBlock,
        bytes32 blockHash,
        uint256 opensAt,
        uint256 parent
    );
    /// @notice A root was challenged and is frozen.
    event RootChallenged(uint256 indexed epoch, bytes32 indexed root, address indexed challenger, bytes32 reasonHash);
    /// @notice A fault was shown from the tree itself; `RootResolved` follows.
    event FaultProven(uint256 indexed epoch, address indexed account, address indexed prover, Fault kind);
    /// @notice A dispute ended. `upheld`: the challenge was right and the root is rejected; else a new window runs.
    event RootResolved(
        uint256 indexed epoch,
        bytes32 indexed root,
        address indexed winner,
        bool upheld,
        uint256 paidWei
    );
    /// @notice Nobody ruled in time: the root is rejected, both bonds went home.
    event RootExpired(uint256 indexed epoch, bytes32 indexed root);
    /// @notice The root is live and its proposer has the bond back.
    event BondReleased(uint256 indexed epoch, address indexed proposer, uint256 amountWei);
    /// @notice The guardian stopped a pending root; its bond went home.
    event RootCancelled(uint256 indexed epoch, bytes32 indexed root, address indexed by);
    /// @notice Somebody has added up an epoch's words as far as `nextPosition`, and they were not too much yet.
    event Tallied(uint256 indexed epoch, address indexed teller, uint256 nextPosition, uint256 sumWei);
    /// @notice What proposing or challenging puts at stake from now on.
    event BondSet(uint256 bondWei);
    /// @notice Who rules on challenges besides governance; 0 for nobody.
    event CouncilSet(address indexed council);
    /// @notice An account may, or may no longer, propose roots.
    event ProposerSet(address indexed proposer, bool allowed);

    /// @notice Only an allowed proposer may propose.
    error CourtNotProposer(address sender);
    /// @notice No such epoch.
    error CourtUnknownEpoch(uint256 epoch);
    /// @notice The latest root is still pending or challenged.
    error CourtRootPending(uint256 epoch);
    /// @notice This root was proposed before.
    error CourtRootKnown(bytes32 root);
    /// @notice The cumulative total fell below the last one or rose above what was funded.
    error CourtTotalOutOfRange(uint256 totalWei, uint256 lastWei, uint256 fundedWei);
    /// @notice The epoch must end after the last one and before the current block.
    error CourtBlockOutOfRange(uint256 toBlock, uint256 lastBlock, uint256 currentBlock);
    /// @notice A digest, engine hash or block hash that must be given is zero.
    error CourtZeroDigest();
    /// @notice Not in this state of the epoch.
    error CourtWrongStatus(uint256 epoch, Status status);
    /// @notice The root has opened: nothing takes it back.
    error CourtRootLive(uint256 epoch);
    /// @notice The root has not opened, or its bond is gone.
    error CourtBondLocked(uint256 epoch);
    /// @notice Governance may still rule until `until`.
    error CourtRulingOpen(uint256 epoch, uint256 until);
    /// @notice The proof does not lead to the epoch's root.
    error CourtBadProof(uint256 epoch, bytes32 word);
    /// @notice The older word is in no live root.
    error CourtOldRootNotLive(bytes32 root);
    /// @notice What is shown is as it should be.
    error CourtNotAFault(uint256 epoch, Fault kind);
    /// @notice An address that must be given is zero.
    error CourtUnset();
    /// @notice The bond must be above 0 and at most `most`.
    error CourtBondOutOfRange(uint256 bondWei, uint256 most);
    /// @notice Only the council or governance rules.
    error CourtNotCouncil(address sender);

    /// @notice Sets the court up, once, and creates its vault: each knows the other from the start.
    /// @param governance owns the court
    /// @param guardian_ may stop new proposals and cancel a pending root
    /// @param token_ OPEN
    /// @param bondWei_ of either side of a dispute
    /// @param window seconds between proposing a root and its paying
    /// @param proposer first account that may propose; 0 for none
    function initialize(
        address governance,
        address guardian_,
        IERC20 token_,
        uint96 bondWei_,
        uint256 window,
        address proposer
    ) external;

    /// @notice Proposes the next epoch's root and pulls the bond. One root is pending at a time.
    /// @return number the epoch's number, as the low sentinel must carry it
    function propose(Proposal calldata proposal) external returns (uint256 number);

    /// @notice Freezes a pending root and pulls the challenger's bond.
    /// @param reasonHash digest of the challenger's reasons
    function challenge(uint256 number, bytes32 reasonHash) external;

    /// @notice Rules on a challenge. Council or governance. The winner gets its bond and half of the loser's, the rest funds
    /// rewards.
    /// @param upheld whether the challenge was right
    function resolve(uint256 number, bool upheld) external;

    /// @notice Ends a challenge on which nobody ruled in time as a draw: an idle arbiter cannot hold bonds.
    function expire(uint256 number) external;

    /// @notice Stops a root that is pending and not challenged, without blame: its bond goes home. Guardian or governance.
    /// @dev A challenged root is not the guardian's to stop: that would save a guilty proposer's bond.
    function cancel(uint256 number) external;

    /// @notice Returns the proposer's bond once the root is live.
    function releaseBond(uint256 number) external;

    /// @notice Shows that an account is owed less than a live root grants it.
    function proveRegression(uint256 number, Leaf calldata leaf, Leaf calldata old) external;

    /// @notice Shows two neighbours that do not ascend: a duplicate, a swap, an open end, or a word after the end.
    /// @param right its index is taken to be one more than the left one's
    function proveDisorder(uint256 number, Leaf calldata left, Leaf calldata right) external;

    /// @notice Shows that an account of a live root is missing: its place lies between two neighbours.
    /// @dev An account that took an id since may stand under the id: for it, `proveOmissionOfHolder`.
    /// @param right its index is taken to be one more than the left one's
    function proveOmission(uint256 number, Leaf calldata left, Leaf calldata right, Leaf calldata old) external;

    /// @notice Shows that an account of a live root which has an id is missing under both its address and its id.
    /// @param around the neighbours between which its address would lie; the second's index is taken to be one more
    /// @param aroundId the same for its id
    function proveOmissionOfHolder(
        uint256 number,
        Leaf[2] calldata around,
        Leaf[2] calldata aroundId,
        Leaf calldata old
    ) external;

    /// @notice Adds up the words of an aligned subtree, going on from the sender's last call if they follow its words, and
    /// anew if not. Once the sum passes the stated total it is a fault, however large the tree. A challenge first gives it the
    /// time.
    /// @param words 2^k words in order
    /// @param index of the subtree among those of its size
    /// @param proof siblings from the subtree's root up
    /// @return sumWei of the words added so far
    function tally(
        uint256 number,
        bytes32[] calldata words,
        uint256 index,
        bytes32[] calldata proof
    ) external returns (uint256 sumWei);

    /// @notice Shows words of an aligned subtree that alone sum to more than the stated total.
    /// @param words 2^k words in order
    /// @param index of the subtree among those of its size
    /// @param proof siblings from the subtree's root up
    function proveExcess(uint256 number, bytes32[] calldata words, uint256 index, bytes32[] calldata proof) external;

    /// @notice Shows a first word that is not the low sentinel, a last place that is neither padding nor the high
    /// sentinel, or a high sentinel that carries an amount.
    function proveMisframing(uint256 number, Leaf calldata leaf) external;

    /// @notice Shows two words of the tree at different depths.
    function proveUnevenness(uint256 number, Leaf calldata one, Leaf calldata other) external;

    /// @notice Allows or forbids an account to propose. Governance only.
    function setProposer(address proposer, bool allowed) external;

    /// @notice Sets what proposing or challenging puts at stake from now on. Governance only.
    function setBond(uint96 bondWei_) external;

    /// @notice Names who rules on challenges besides governance; 0 for nobody. Governance only.
    function setCouncil(address council_) external;

    /// @notice The vault whose roots are judged here.
    function distributor() external view returns (IRewardDistributor vault);

    /// @notice What proposing or challenging puts at stake, wei.
    function bondWei() external view returns (uint96 amountWei);

    /// @notice OPEN held here as bonds, wei, CURRENT.
    function bondedWei() external view returns (uint256 amountWei);

    /// @notice What the court keeps of an epoch.
    function epoch(uint256 number) external view returns (Epoch memory kept);

    /// @notice Number that the next proposed epoch will have.
    function nextEpoch() external view returns (uint256 number);

    /// @notice Newest epoch that was not rejected; 0 before the first.
    function latest() external view returns (uint256 number);

    /// @notice Who rules on challenges besides governance.
    function council() external view returns (address);

    /// @notice Whether the account may propose.
    function isProposer(address proposer) external view returns (bool allowed);
}
