// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OwnableUpgradeable} from "@openzeppelin/contracts-upgradeable/access/OwnableUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IRewardDistributor} from "./IRewardDistributor.sol";
import {IRootCourt} from "./IRootCourt.sol";
import {MerkleWord} from "./MerkleWord.sol";
import {RewardDistributor} from "./RewardDistributor.sol";

/// @title Where rewards roots are proposed and disputed
/// @notice See IRootCourt, which says what each function does, trusts and refuses.
contract RootCourt is IRootCourt, OwnableUpgradeable, UUPSUpgradeable {
    using SafeERC20 for IERC20;
    using MerkleWord for bytes32;

    /// @notice How long governance may take to rule on a challenge.
    uint256 public constant RULING_TIME = 14 days;

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
    Epoch[] internal _epochs;

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc IRootCourt
    function initialize(
        address governance,
        IERC20 token_,
        uint96 bondWei_,
        uint256 window,
        address proposer
    ) external initializer {
        require(bondWei_ != 0, CourtUnset());
        __Ownable_init(governance);
        (token, bondWei) = (token_, bondWei_);
        _epochs.push(); // epoch 0 is none, so that 0 can mean "no parent"
        if (proposer != address(0)) _setProposer(proposer, true);
        distributor = new RewardDistributor(token_, address(this), window);
    }

    /// @inheritdoc IRootCourt
    function propose(Proposal calldata proposal) external returns (uint256 number) {
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
    function resolve(uint256 number, bool upheld) external onlyOwner {
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
        bool fault =
            !leaf.word.isSentinel() &&
                leaf.word.account() == old.word.account() &&
                leaf.word.cumulativeWei() < old.word.cumulativeWei();
        _settleFault(number, kept, leaf.word.account(), Fault.Regression, fault);
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
        _requireIn(number, kept, left, left.index);
        _requireIn(number, kept, right, left.index + 1);
        _requireLive(old);
        // The sentinels are neighbours of the first and the last account, so a gap at either end is one between words too.
        // A left neighbour that is padding counts as one: before a greater word it is a disorder anyway.
        address missing = old.word.account();
        bool fault = old.word.cumulativeWei() != 0 && left.word.account() < missing && missing < right.word.account();
        _settleFault(number, kept, missing, Fault.Omission, fault);
    }

    /// @inheritdoc IRootCourt
    function proveExcess(uint256 number, bytes32[] calldata words, uint256 index, bytes32[] calldata proof) external {
        Epoch storage kept = _disputable(number);
        bytes32 subroot = MerkleWord.subroot(words);
        require(MerkleWord.climb(subroot, index, proof) == kept.root, CourtBadProof(number, subroot));
        uint256 sumWei;
        // The low sentinel's number is no money, nor is what a forged sentinel carries: the vault pays neither.
        for (uint256 i; i < words.length; ++i) {
            if (!words[i].isSentinel()) sumWei += words[i].cumulativeWei();
        }
        _settleFault(number, kept, address(0), Fault.Excess, sumWei > kept.totalWei);
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
    function epoch(uint256 number) external view returns (Epoch memory kept) {
        return _epochAt(number);
    }

    /// @inheritdoc IRootCourt
    function nextEpoch() external view returns (uint256 number) {
        return _epochs.length;
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

    /// @dev Upgrades are governance's alone.
    function _authorizeUpgrade(address) internal override onlyOwner {}
}
