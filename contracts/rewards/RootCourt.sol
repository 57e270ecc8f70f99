// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Guarded} from "../governance/Guarded.sol";
import {IRewardDistributor} from "./IRewardDistributor.sol";
import {IRootCourt} from "./IRootCourt.sol";
import {MerkleWord} from "./MerkleWord.sol";
import {RewardDistributor} from "./RewardDistributor.sol";

/// @title Where rewards roots are proposed and disputed
/// @notice See IRootCourt, which says what each function does, trusts and refuses.
contract RootCourt is IRootCourt, Guarded {
    using SafeERC20 for IERC20;
    using MerkleWord for bytes32;

    /// @notice How long governance may take to rule on a challenge.
    uint256 public constant RULING_TIME = 14 days;
    /// @notice A bond above this would keep honest challengers out; governance cannot ask for more.
    uint96 public constant MAX_BOND_WEI = 1_000_000e18;

    /// @dev How far somebody has added up an epoch's words.
    /// @param depth of the tree that the words were shown at; a position means nothing without it
    struct Tally {
        uint120 sumWei;
        uint8 depth;
        uint128 nextPosition;
    }

    /// @inheritdoc IRootCourt
    IRewardDistributor public distributor;
    /// @notice OPEN.
    IERC20 public token;
    /// @inheritdoc IRootCourt
    uint96 public bondWei;
    /// @inheritdoc IRootCourt
    uint256 public bondedWei;
    /// @inheritdoc IRootCourt
    uint256 public latest;
    /// @inheritdoc IRootCourt
    mapping(address proposer => bool) public isProposer;
    /// @inheritdoc IRootCourt
    address public council;
    Epoch[] internal _epochs;
    mapping(uint256 number => mapping(address teller => Tally)) internal _tallies;

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc IRootCourt
    function initialize(
        address governance,
        address guardian_,
        IERC20 token_,
        uint96 bondWei_,
        uint256 window,
        address proposer
    ) external initializer {
        __Guarded_init(governance, guardian_);
        token = token_;
        _setBond(bondWei_);
        _epochs.push(); // epoch 0 is none, so that 0 can mean "no parent"
        if (proposer != address(0)) _setProposer(proposer, true);
        distributor = new RewardDistributor(token_, address(this), window);
    }

    /// @inheritdoc IRootCourt
    function propose(Proposal calldata proposal) external whenOpen returns (uint256 number) {
        require(isProposer[msg.sender], CourtNotProposer(msg.sender));
        uint256 parent = latest;
        Epoch storage last = _epochs[parent];
        require(parent == 0 || _isLive(last), CourtRootPending(parent));
        require(distributor.opensAt(proposal.root) == 0, CourtRootKnown(proposal.root));
        require(proposal.dataDigest != 0 && proposal.engineHash != 0 && proposal.blockHash != 0, CourtZeroDigest());
        uint256 fundedWei = distributor.funded();
        require(
            proposal.totalWei >= last.totalWei && proposal.totalWei <= fundedWei,
            CourtTotalOutOfRange(proposal.totalWei, last.totalWei, fundedWei)
        );
        require(
            proposal.toBlock > last.toBlock && proposal.toBlock < block.number,
            CourtBlockOutOfRange(proposal.toBlock, last.toBlock, block.number)
        );

        number = _epochs.length;
        uint96 bond = bondWei;
        Epoch storage kept = _epochs.push();
        kept.root = proposal.root;
        kept.totalWei = proposal.totalWei;
        kept.toBlock = proposal.toBlock;
        kept.parent = uint48(parent);
        kept.status = Status.Proposed;
        kept.proposer = msg.sender;
        kept.bondWei = bond;
        latest = number;
        bondedWei += bond;
        // Our own vault, which calls nobody; the event carries the time that it answers.
        uint256 opensAt = distributor.schedule(proposal.root);
        emit RootProposed(
            number,
            proposal.root,
            msg.sender,
            proposal.dataDigest,
            proposal.engineHash,
            proposal.totalWei,
            proposal.toBlock,
            proposal.blockHash,
            opensAt,
            parent
        );
        token.safeTransferFrom(msg.sender, address(this), bond);
    }

    /// @inheritdoc IRootCourt
    function challenge(uint256 number, bytes32 reasonHash) external {
        Epoch storage kept = _epochAt(number);
        require(kept.status == Status.Proposed, CourtWrongStatus(number, kept.status));
        require(!_isLive(kept), CourtRootLive(number));
        uint96 bond = kept.bondWei;
        kept.status = Status.Challenged;
        kept.challenger = msg.sender;
        kept.challengedAt = uint48(block.timestamp);
        bondedWei += bond;
        emit RootChallenged(number, kept.root, msg.sender, reasonHash);
        distributor.freeze(kept.root);
        token.safeTransferFrom(msg.sender, address(this), bond);
    }

    /// @inheritdoc IRootCourt
    function resolve(uint256 number, bool upheld) external {
        require(msg.sender == council || msg.sender == owner(), CourtNotCouncil(msg.sender));
        Epoch storage kept = _epochAt(number);
        require(kept.status == Status.Challenged, CourtWrongStatus(number, kept.status));
        if (upheld) {
            _reject(number, kept, kept.challenger);
            return;
        }
        // The challenger loses its bond; the proposer's own stays until the root, given a full window again, is live.
        uint256 paidWei = kept.bondWei / 2;
        uint256 toRewardsWei = kept.bondWei - paidWei;
        kept.status = Status.Proposed;
        kept.challenger = address(0);
        kept.challengedAt = 0;
        bondedWei -= kept.bondWei;
        emit RootResolved(number, kept.root, kept.proposer, false, paidWei);
        distributor.schedule(kept.root);
        _payOut(kept.proposer, paidWei, toRewardsWei);
    }

    /// @inheritdoc IRootCourt
    function expire(uint256 number) external {
        Epoch storage kept = _epochAt(number);
        require(kept.status == Status.Challenged, CourtWrongStatus(number, kept.status));
        uint256 until = kept.challengedAt + RULING_TIME;
        require(block.timestamp >= until, CourtRulingOpen(number, until));
        uint256 bond = kept.bondWei;
        kept.status = Status.Rejected;
        kept.bondReleased = true;
        latest = kept.parent;
        bondedWei -= 2 * bond;
        emit RootExpired(number, kept.root);
        token.safeTransfer(kept.proposer, bond);
        token.safeTransfer(kept.challenger, bond);
    }

    /// @inheritdoc IRootCourt
    function cancel(uint256 number) external onlyGuardian {
        Epoch storage kept = _epochAt(number);
        require(kept.status == Status.Proposed, CourtWrongStatus(number, kept.status));
        require(!_isLive(kept), CourtRootLive(number));
        uint256 bond = kept.bondWei;
        kept.status = Status.Rejected;
        kept.bondReleased = true;
        latest = kept.parent;
        bondedWei -= bond;
        emit RootCancelled(number, kept.root, msg.sender);
        distributor.freeze(kept.root);
        token.safeTransfer(kept.proposer, bond);
    }

    /// @inheritdoc IRootCourt
    function releaseBond(uint256 number) external {
        Epoch storage kept = _epochAt(number);
        require(_isLive(kept) && !kept.bondReleased, CourtBondLocked(number));
        uint256 bond = kept.bondWei;
        kept.bondReleased = true;
        bondedWei -= bond;
        emit BondReleased(number, kept.proposer, bond);
        token.safeTransfer(kept.proposer, bond);
    }

    /// @inheritdoc IRootCourt
    function proveRegression(uint256 number, Leaf calldata leaf, Leaf calldata old) external {
        Epoch storage kept = _disputable(number);
        _requireIn(number, kept, leaf, leaf.index);
        _requireLive(old);
        address holder = _holderOf(leaf.word);
        bool fault =
            !leaf.word.isSentinel() &&
                holder != address(0) &&
                holder == _holderOf(old.word) &&
                leaf.word.cumulativeWei() < old.word.cumulativeWei();
        _settleFault(number, kept, holder, Fault.Regression, fault);
    }

    /// @inheritdoc IRootCourt
    function proveDisorder(uint256 number, Leaf calldata left, Leaf calldata right) external {
        Epoch storage kept = _disputable(number);
        _requireIn(number, kept, left, left.index);
        _requireIn(number, kept, right, left.index + 1);
        // After the high sentinel and after padding comes padding; after all else comes a greater account.
        bool ended = left.word == 0 || left.word.account() == address(type(uint160).max);
        bool ordered = ended ? right.word == 0 : left.word.account() < right.word.account();
        _settleFault(number, kept, right.word.account(), Fault.Disorder, !ordered);
    }

    /// @inheritdoc IRootCourt
    function proveOmission(uint256 number, Leaf calldata left, Leaf calldata right, Leaf calldata old) external {
        Epoch storage kept = _disputable(number);
        _requireLive(old);
        address missing = _holderOf(old.word);
        // An account that has taken an id since then may stand under it, so that its address is missing shows nothing.
        bool moved = old.word.key() > MerkleWord.MAX_ID && distributor.idOf(missing) != 0;
        bool fault = !moved && old.word.cumulativeWei() != 0 && _isGap(number, kept, left, right, old.word.key());
        _settleFault(number, kept, missing, Fault.Omission, fault);
    }

    /// @inheritdoc IRootCourt
    function proveOmissionOfHolder(
        uint256 number,
        Leaf[2] calldata around,
        Leaf[2] calldata aroundId,
        Leaf calldata old
    ) external {
        Epoch storage kept = _disputable(number);
        _requireLive(old);
        address missing = _holderOf(old.word);
        uint256 id = distributor.idOf(missing);
        bool fault =
            id != 0 &&
                old.word.cumulativeWei() != 0 &&
                _isGap(number, kept, around[0], around[1], uint160(missing)) &&
                _isGap(number, kept, aroundId[0], aroundId[1], id);
        _settleFault(number, kept, missing, Fault.Omission, fault);
    }

    /// @inheritdoc IRootCourt
    function proveExcess(uint256 number, bytes32[] calldata words, uint256 index, bytes32[] calldata proof) external {
        Epoch storage kept = _disputable(number);
        bytes32 subroot = MerkleWord.subroot(words);
        require(MerkleWord.climb(subroot, index, proof) == kept.root, CourtBadProof(number, subroot));
        _settleFault(number, kept, address(0), Fault.Excess, _sum(words) > kept.totalWei);
    }

    /// @inheritdoc IRootCourt
    function tally(
        uint256 number,
        bytes32[] calldata words,
        uint256 index,
        bytes32[] calldata proof
    ) external returns (uint256 sumWei) {
        Epoch storage kept = _disputable(number);
        bytes32 subroot = MerkleWord.subroot(words);
        require(MerkleWord.climb(subroot, index, proof) == kept.root, CourtBadProof(number, subroot));
        uint256 levels = _log2(words.length);
        uint256 depth = levels + proof.length;
        uint256 position = index << levels;
        Tally storage kept_ = _tallies[number][msg.sender];
        // Words that follow the last ones go on; all others begin anew.
        bool follows = position != 0 && kept_.nextPosition == position && kept_.depth == depth;
        sumWei = _sum(words) + (follows ? kept_.sumWei : 0);
        if (sumWei > kept.totalWei) {
            _settleFault(number, kept, address(0), Fault.Excess, true);
            return sumWei;
        }
        // No root was ever built as deep as 128, and the total is at most what was funded: less than 2^120.
        _tallies[number][msg.sender] = Tally(uint120(sumWei), uint8(depth), uint128(position + words.length));
        emit Tallied(number, msg.sender, position + words.length, sumWei);
    }

    /// @inheritdoc IRootCourt
    function proveMisframing(uint256 number, Leaf calldata leaf) external {
        Epoch storage kept = _disputable(number);
        _requireIn(number, kept, leaf, leaf.index);
        bool isHigh = leaf.word == MerkleWord.HIGH_SENTINEL;
        // The proof leads to a proposed root, so its length is the depth of a tree that somebody could build: below 256.
        bool isLastPlace = leaf.index == (1 << leaf.proof.length) - 1;
        bool fault =
            (leaf.index == 0 && leaf.word != MerkleWord.lowSentinel(number)) ||
                (isLastPlace && leaf.word != 0 && !isHigh) ||
                (leaf.word.account() == address(type(uint160).max) && !isHigh);
        _settleFault(number, kept, leaf.word.account(), Fault.Misframing, fault);
    }

    /// @inheritdoc IRootCourt
    function proveUnevenness(uint256 number, Leaf calldata one, Leaf calldata other) external {
        Epoch storage kept = _disputable(number);
        _requireIn(number, kept, one, one.index);
        _requireIn(number, kept, other, other.index);
        bool uneven = one.proof.length != other.proof.length;
        _settleFault(number, kept, other.word.account(), Fault.Unevenness, uneven);
    }

    /// @inheritdoc IRootCourt
    function setProposer(address proposer, bool allowed) external onlyOwner {
        require(proposer != address(0), CourtUnset());
        _setProposer(proposer, allowed);
    }

    /// @inheritdoc IRootCourt
    function setBond(uint96 bondWei_) external onlyOwner {
        _setBond(bondWei_);
    }

    /// @inheritdoc IRootCourt
    function setCouncil(address council_) external onlyOwner {
        council = council_;
        emit CouncilSet(council_);
    }

    /// @inheritdoc IRootCourt
    function epoch(uint256 number) external view returns (Epoch memory kept) {
        return _epochAt(number);
    }

    /// @inheritdoc IRootCourt
    function nextEpoch() external view returns (uint256 number) {
        return _epochs.length;
    }

    function _setBond(uint96 bondWei_) internal {
        require(bondWei_ != 0 && bondWei_ <= MAX_BOND_WEI, CourtBondOutOfRange(bondWei_, MAX_BOND_WEI));
        bondWei = bondWei_;
        emit BondSet(bondWei_);
    }

    function _setProposer(address proposer, bool allowed) internal {
        isProposer[proposer] = allowed;
        emit ProposerSet(proposer, allowed);
    }

    /// @dev Whoever challenged gets the reward even if another proves: a challenge first, then the proof, cannot be front-run.
    function _settleFault(uint256 number, Epoch storage kept, address account, Fault kind, bool fault) internal {
        require(fault, CourtNotAFault(number, kind));
        emit FaultProven(number, account, msg.sender, kind);
        if (kept.status == Status.Challenged) {
            _reject(number, kept, kept.challenger);
        } else {
            distributor.freeze(kept.root);
            _reject(number, kept, msg.sender);
        }
    }

    /// @dev The proposer's bond is lost: half to the winner, who also gets back what it staked, half to rewards.
    function _reject(uint256 number, Epoch storage kept, address winner) internal {
        uint256 bond = kept.bondWei;
        uint256 stakedWei = kept.status == Status.Challenged ? bond : 0;
        uint256 rewardWei = bond / 2;
        kept.status = Status.Rejected;
        kept.bondReleased = true;
        latest = kept.parent;
        bondedWei -= bond + stakedWei;
        emit RootResolved(number, kept.root, winner, true, stakedWei + rewardWei);
        _payOut(winner, stakedWei + rewardWei, bond - rewardWei);
    }

    function _payOut(address winner, uint256 paidWei, uint256 toRewardsWei) internal {
        token.forceApprove(address(distributor), toRewardsWei);
        distributor.fund(toRewardsWei, "slash");
        token.safeTransfer(winner, paidWei);
    }

    function _epochAt(uint256 number) internal view returns (Epoch storage kept) {
        require(number != 0 && number < _epochs.length, CourtUnknownEpoch(number));
        return _epochs[number];
    }

    /// @dev A fault is proven against a root that is challenged, or proposed and not yet live.
    function _disputable(uint256 number) internal view returns (Epoch storage kept) {
        kept = _epochAt(number);
        require(kept.status != Status.Rejected, CourtWrongStatus(number, kept.status));
        require(!_isLive(kept), CourtRootLive(number));
    }

    function _isLive(Epoch storage kept) internal view returns (bool) {
        return kept.status == Status.Proposed && distributor.isLive(kept.root);
    }

    function _requireIn(uint256 number, Epoch storage kept, Leaf calldata leaf, uint256 index) internal view {
        require(leaf.word.fold(index, leaf.proof) == kept.root, CourtBadProof(number, leaf.word));
    }

    function _requireLive(Leaf calldata old) internal view {
        bytes32 root = old.word.fold(old.index, old.proof);
        require(distributor.isLive(root), CourtOldRootNotLive(root));
    }

    /// @dev Whether the key lies between two neighbours of the epoch's tree. The sentinels are neighbours of the first and the
    /// last word, so a gap at either end is one between words too; and a left neighbour that is padding, before a greater
    /// word, is a disorder anyway.
    function _isGap(
        uint256 number,
        Epoch storage kept,
        Leaf calldata left,
        Leaf calldata right,
        uint256 key
    ) internal view returns (bool) {
        _requireIn(number, kept, left, left.index);
        _requireIn(number, kept, right, left.index + 1);
        return left.word.key() < key && key < right.word.key();
    }

    /// @dev Whom a word pays: the account that it names, or the holder of the id that it names.
    function _holderOf(bytes32 word) internal view returns (address) {
        uint256 key = word.key();
        return key <= MerkleWord.MAX_ID ? distributor.holderOf(key) : word.account();
    }

    /// @dev The low sentinel's number is no money, nor is what a forged sentinel carries: the vault pays neither.
    function _sum(bytes32[] calldata words) internal pure returns (uint256 sumWei) {
        for (uint256 i; i < words.length; ++i) {
            if (!words[i].isSentinel()) sumWei += words[i].cumulativeWei();
        }
    }

    function _log2(uint256 power) internal pure returns (uint256 exponent) {
        while (power >> exponent > 1) ++exponent;
    }
}
