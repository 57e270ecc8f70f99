// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IAgentKeys} from "../agents/IAgentKeys.sol";
import {IStaking} from "../agents/IStaking.sol";
import {ICuration} from "../datanets/ICuration.sol";
import {IGuarded} from "../governance/IGuarded.sol";
import {ILineageRegistry} from "../lineage/ILineageRegistry.sol";
import {IRewardSink} from "../rewards/IRewardSink.sol";
import {Curators} from "./support/Curators.sol";
import {IUpgradeable} from "./support/Economy.sol";
import {Tree} from "./support/Tree.sol";

/// What a curated Datanet takes, and who decides it.
contract CurationTest is Curators {
    event RulesSet(bytes32 indexed datanetId, ICuration.Rules rules);
    event ValidatorListed(bytes32 indexed datanetId, uint256 indexed agentId, bool listed);
    event ContributionBonded(
        bytes32 indexed contributionId,
        bytes32 indexed datanetId,
        address indexed contributor,
        uint256 bondWei,
        uint256 validateUntil
    );
    event Validated(
        bytes32 indexed contributionId,
        uint256 indexed agentId,
        address indexed validator,
        bool accepted,
        bytes32 reasonDigest,
        bytes32 exceptionsDigest
    );
    event StatusChanged(bytes32 indexed contributionId, ICuration.Status status);
    event ConsentWithdrawn(
        bytes32 indexed datanetId,
        bytes32 indexed contributionId,
        address indexed contributor,
        bytes32 recordsDigest
    );
    event RecordConsentWithdrawn(
        bytes32 indexed datanetId,
        bytes32 indexed contributionId,
        address indexed contributor,
        bytes32 recordDigest,
        uint256 index
    );
    event ParametersSet(ICuration.Parameters parameters);
    event CouncilSet(address indexed council);
    event SlasherSet(address indexed slasher, bool allowed);

    function outOfRange(uint256 value, uint256 least, uint256 most) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ICuration.CurationOutOfRange.selector, value, least, most);
    }

    function notOwned(address sender) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IUpgradeable.OwnableUnauthorizedAccount.selector, sender);
    }

    // Setting up

    function test_NobodyInitialisesAgainOrTheCodeBehindTheProxy() public {
        bytes memory again = setup(address(agents), parameters());
        address code = deployed("Curation", "");
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        this.forward(address(curation), again);
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        this.forward(code, again);
    }

    function forward(address to, bytes calldata data) external {
        (bool sent, bytes memory reason) = to.call(data);
        if (sent) return;
        assembly ("memory-safe") {
            revert(add(reason, 32), mload(reason))
        }
    }

    function create(bytes calldata setup_) external {
        proxy("Curation", setup_);
    }

    function test_ACurationWithoutItsPartsIsRefused() public {
        for (uint256 i; i < 6; ++i) {
            bytes memory incomplete = abi.encodeCall(
                ICuration.initialize,
                (
                    GOVERNOR,
                    GUARDIAN,
                    IERC20(i == 0 ? address(0) : address(token)),
                    ILineageRegistry(i == 1 ? address(0) : address(registry)),
                    IAgentKeys(i == 2 ? address(0) : address(agents)),
                    IStaking(i == 3 ? address(0) : address(agents)),
                    IRewardSink(i == 4 ? address(0) : address(vault)),
                    i == 5 ? address(0) : COUNCIL,
                    parameters()
                )
            );
            vm.expectRevert(ICuration.CurationZeroAddress.selector);
            this.create(incomplete);
        }
    }

    function test_ACurationIsSetUpOnce() public {
        ICuration.Parameters memory set = parameters();
        IERC20 open = IERC20(address(token));
        IRewardSink sink = IRewardSink(address(vault));
        (IAgentKeys keys, IStaking stake) = (IAgentKeys(address(agents)), IStaking(address(agents)));
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        curation.initialize(STRANGER, STRANGER, open, registry, keys, stake, sink, STRANGER, set);
    }

    function test_OnlyGovernanceUpgradesAndStateStays() public {
        address code = deployed("Curation", "");
        bytes32 id = give("m", 3);
        vm.prank(STRANGER);
        vm.expectRevert(notOwned(STRANGER));
        IUpgradeable(address(curation)).upgradeToAndCall(code, "");
        vm.prank(GOVERNOR);
        IUpgradeable(address(curation)).upgradeToAndCall(code, "");
        equal(curation.contributionOf(id).contributor, ALICE, "contributor after the upgrade");
    }

    function test_OnlyGovernanceSetsParametersCouncilAndSlashers() public {
        ICuration.Parameters memory set = parameters();
        vm.startPrank(STRANGER);
        vm.expectRevert(notOwned(STRANGER));
        curation.setParameters(set);
        vm.expectRevert(notOwned(STRANGER));
        curation.setCouncil(STRANGER);
        vm.expectRevert(notOwned(STRANGER));
        curation.setSlasher(STRANGER, true);
        vm.stopPrank();
        vm.startPrank(GOVERNOR);
        vm.expectRevert(ICuration.CurationZeroAddress.selector);
        curation.setCouncil(address(0));
        vm.expectRevert(ICuration.CurationZeroAddress.selector);
        curation.setSlasher(address(0), true);
        vm.expectEmit(address(curation));
        emit CouncilSet(STRANGER);
        curation.setCouncil(STRANGER);
        equal(curation.council(), STRANGER, "council");
        vm.expectEmit(address(curation));
        emit SlasherSet(SLASHER, false);
        curation.setSlasher(SLASHER, false);
        require(!curation.isSlasher(SLASHER), "no slasher any more");
        set = ICuration.Parameters(500_000, 500_000, 500_000, 1e23, 1e23);
        vm.expectEmit(address(curation));
        emit ParametersSet(set);
        curation.setParameters(set);
        equal(keccak256(abi.encode(curation.parametersNow())), keccak256(abi.encode(set)), "parameters");
        curation.setParameters(ICuration.Parameters(0, 0, 0, 0, 1e18));
        vm.stopPrank();
    }

    function test_ParametersStayWithinTheirCaps() public {
        vm.startPrank(GOVERNOR);
        ICuration.Parameters memory set = parameters();
        set.rejectionSlashPpm = 500_001;
        vm.expectRevert(outOfRange(500_001, 0, 500_000));
        curation.setParameters(set);
        set = parameters();
        set.harmSlashPpm = 500_001;
        vm.expectRevert(outOfRange(500_001, 0, 500_000));
        curation.setParameters(set);
        set = parameters();
        set.bountyPpm = 500_001;
        vm.expectRevert(outOfRange(500_001, 0, 500_000));
        curation.setParameters(set);
        set = parameters();
        set.appealBondWei = 1e23 + 1;
        vm.expectRevert(outOfRange(1e23 + 1, 0, 1e23));
        curation.setParameters(set);
        set = parameters();
        set.stakeFloorWei = 1e18 - 1;
        vm.expectRevert(outOfRange(1e18 - 1, 1e18, 1e23));
        curation.setParameters(set);
        set.stakeFloorWei = 1e23 + 1;
        vm.expectRevert(outOfRange(1e23 + 1, 1e18, 1e23));
        curation.setParameters(set);
        vm.stopPrank();
    }

    // Rules

    function test_TheOwnerSetsRulesOnceAndForGood() public {
        bytes32 other = newDatanet("other");
        equal(curation.rulesOf(other).votesNeeded, 0, "none yet");
        vm.expectEmit(address(curation));
        emit RulesSet(other, rules());
        setRules(other, rules());
        equal(keccak256(abi.encode(curation.rulesOf(other))), keccak256(abi.encode(rules())), "stored");
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ICuration.CurationRulesSet.selector, other));
        curation.setRules(other, rules());
    }

    function test_OnlyTheOwnerOfACuratedDatanetSetsRules() public {
        bytes32 other = newDatanet("other");
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ICuration.CurationNotOwner.selector, other, STRANGER));
        curation.setRules(other, rules());
        bytes32 plain = newDatanet("plain", false);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ICuration.CurationNotCurated.selector, plain));
        curation.setRules(plain, rules());
    }

    function refusedRules(ICuration.Rules memory set, bytes memory reason) internal {
        vm.prank(OWNER);
        vm.expectRevert(reason);
        curation.setRules(datanet, set);
    }

    function test_RulesStayWithinTheirBounds() public {
        datanet = newDatanet("other");
        ICuration.Rules memory set = rules();
        set.termsDigest = 0;
        refusedRules(set, abi.encodeWithSelector(ICuration.CurationZeroDigest.selector));
        set = rules();
        set.bondWei = 1e23 + 1;
        refusedRules(set, outOfRange(1e23 + 1, 0, 1e23));
        set = rules();
        set.minStakeWei = 2e18 - 1;
        refusedRules(set, outOfRange(2e18 - 1, 2e18, type(uint96).max));
        set = rules();
        set.maxRecordsPerBatch = 0;
        refusedRules(set, outOfRange(0, 1, type(uint32).max));
        set = rules();
        set.maxRecordsPerPeriod = 0;
        refusedRules(set, outOfRange(0, 1, type(uint32).max));
        set = rules();
        set.maxRecords = 0;
        refusedRules(set, outOfRange(0, 1, type(uint64).max));
        set = rules();
        set.periodSeconds = 0;
        refusedRules(set, outOfRange(0, 1, type(uint32).max));
        set = rules();
        set.validationSeconds = 1 hours - 1;
        refusedRules(set, outOfRange(1 hours - 1, 1 hours, 30 days));
        set.validationSeconds = 30 days + 1;
        refusedRules(set, outOfRange(30 days + 1, 1 hours, 30 days));
        set = rules();
        set.holdSeconds = 180 days + 1;
        refusedRules(set, outOfRange(180 days + 1, 0, 180 days));
        set = rules();
        set.votesNeeded = 0;
        refusedRules(set, outOfRange(0, 1, 16));
        set.votesNeeded = 17;
        refusedRules(set, outOfRange(17, 1, 16));
    }

    function test_RulesMayBeAsWideAsTheirBounds() public {
        ICuration.Rules memory set = ICuration.Rules(
            1e23,
            2e18,
            type(uint32).max,
            type(uint32).max,
            type(uint64).max,
            type(uint32).max,
            30 days,
            180 days,
            16,
            false,
            true,
            "terms"
        );
        setRules(newDatanet("widest"), set);
        set = ICuration.Rules(0, 0, 1, 1, 1, 1, 1 hours, 0, 1, true, true, "terms"); // listed agents need no stake
        setRules(newDatanet("narrowest"), set);
    }

    // Contributions

    function test_AContributionIsBondedAndWaitsForValidators() public {
        bytes32 id = registry.contributionIdOf(datanet, ALICE, "m", "records");
        uint256 beforeWei = token.balanceOf(ALICE);
        vm.expectEmit(address(curation));
        emit ContributionBonded(id, datanet, ALICE, CONTRIBUTION_BOND_WEI, block.timestamp + 2 days);
        give("m", 3);
        ICuration.Contribution memory kept = curation.contributionOf(id);
        equal(kept.contributor, ALICE, "contributor");
        equal(kept.bondWei, CONTRIBUTION_BOND_WEI, "bond");
        equal(kept.datanetId, datanet, "Datanet");
        equal(kept.since, block.timestamp, "since");
        equal(uint8(kept.status), uint8(ICuration.Status.Pending), "status");
        equal(heldWei(), CONTRIBUTION_BOND_WEI, "held");
        equal(curation.bondedWei(), CONTRIBUTION_BOND_WEI, "bonded");
        equal(token.balanceOf(ALICE), beforeWei - CONTRIBUTION_BOND_WEI, "paid");
        equal(curation.dueAt(id), block.timestamp + 2 days, "due");
        equal(curation.recordsOf(datanet), 3, "records");
        equal(curation.recordsInPeriod(datanet, ALICE), 3, "records of the period");
    }

    function test_ADatanetWithoutABondTakesNoMoney() public {
        datanet = newDatanet("free");
        ICuration.Rules memory set = rules();
        set.bondWei = 0;
        setRules(datanet, set);
        address poor = address(0x900);
        bytes32 id = give(poor, datanet, "m", 1);
        equal(curation.bondedWei(), 0, "bonded");
        accept(id);
        equal(curation.dueAt(id), type(uint256).max, "nothing is due");
    }

    function test_TheBondOfASubmittedAttestationIsTheContributors() public {
        uint256 key = 0xC0;
        address contributor = vm.addr(key);
        fund(contributor);
        bytes32 signed = registry.attestationDigest(contributor, datanet, batch(), block.timestamp);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, signed);
        vm.prank(STRANGER);
        registry.contributeFor(contributor, datanet, batch(), block.timestamp, abi.encodePacked(r, s, v));
        bytes32 id = registry.contributionIdOf(datanet, contributor, "manifest", "records");
        equal(curation.contributionOf(id).contributor, contributor, "contributor");
        equal(token.balanceOf(contributor), 1e24 - CONTRIBUTION_BOND_WEI, "paid");
    }

    function test_MoneySentHereIsNobodys() public {
        bytes32 id = give("m", 3);
        token.transfer(address(curation), 1e18);
        equal(curation.bondedWei(), CONTRIBUTION_BOND_WEI, "bonded");
        vm.expectRevert(ICuration.CurationNothingToPay.selector);
        curation.sweep();
        later(2 days);
        curation.settle(id);
        equal(token.balanceOf(ALICE), 1e24, "only the bond came back");
    }

    function test_NobodyContributesWithoutTheBond() public {
        vm.prank(ALICE);
        token.approve(address(curation), CONTRIBUTION_BOND_WEI - 1);
        vm.prank(ALICE);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector,
                curation,
                CONTRIBUTION_BOND_WEI - 1,
                CONTRIBUTION_BOND_WEI
            )
        );
        registry.contributeRecords(datanet, "m", "records", 1, 1, "MIT");
    }

    function test_OnlyTheRegistryBringsContributions() public {
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ICuration.CurationNotRegistry.selector, STRANGER));
        curation.onContribution(datanet, "id", ALICE, 1);
    }

    function refusedGift(bytes32 datanetId, uint32 records, bytes memory reason) internal {
        vm.prank(ALICE);
        vm.expectRevert(reason);
        registry.contributeRecords(datanetId, "more", "records", records, 1, "MIT");
    }

    function test_TheSameContributionIsRefused() public {
        bytes32 id = give("more", 1);
        refusedGift(datanet, 1, abi.encodeWithSelector(ICuration.CurationExists.selector, id));
        give(BOB, datanet, "more", 1); // another's
    }

    function test_ADatanetWithoutRulesTakesNothing() public {
        bytes32 other = newDatanet("other");
        refusedGift(other, 1, abi.encodeWithSelector(ICuration.CurationNoRules.selector, other));
        vm.expectRevert(abi.encodeWithSelector(ICuration.CurationNoRules.selector, other));
        curation.recordsInPeriod(other, ALICE);
    }

    function test_QuotasHoldToTheRecord() public {
        refusedGift(datanet, 11, abi.encodeWithSelector(ICuration.CurationBatchQuota.selector, datanet, 11, 10));
        give("1", 10);
        give("2", 9);
        refusedGift(datanet, 2, abi.encodeWithSelector(ICuration.CurationPeriodQuota.selector, datanet, ALICE, 21, 20));
        give("3", 1);
        equal(curation.recordsInPeriod(datanet, ALICE), 20, "used up");
        give(BOB, datanet, "1", 10); // has a quota of his own
        vm.warp((block.timestamp / 1 days + 1) * 1 days - 1);
        refusedGift(datanet, 1, abi.encodeWithSelector(ICuration.CurationPeriodQuota.selector, datanet, ALICE, 21, 20));
        later(1); // a new period
        equal(curation.recordsInPeriod(datanet, ALICE), 0, "a new period");
        give("4", 10);
        give("5", 9);
        equal(curation.recordsOf(datanet), 49, "in all");
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(ICuration.CurationTotalQuota.selector, datanet, 51, 50));
        registry.contributeRecords(datanet, "2", "records", 2, 1, "MIT");
        give(BOB, datanet, "2", 1);
    }

    function test_APauseStopsContributionsAndRulesButNothingElse() public {
        bytes32 early = give("m", 1);
        bytes32 other = newDatanet("other");
        vm.prank(GUARDIAN);
        IGuarded(address(curation)).pause();
        refusedGift(datanet, 1, abi.encodeWithSelector(IGuarded.GuardedPaused.selector));
        refusedRulesOf(other, abi.encodeWithSelector(IGuarded.GuardedPaused.selector));
        accept(early);
        later(5 days);
        curation.settle(early);
        equal(heldWei(), 0, "the bond went home");
    }

    function refusedRulesOf(bytes32 datanetId, bytes memory reason) internal {
        vm.prank(OWNER);
        vm.expectRevert(reason);
        curation.setRules(datanetId, rules());
    }

    // Votes

    function test_VotesSettleAContributionAtTheThreshold() public {
        bytes32 id = give("m", 3);
        vm.expectEmit(address(curation));
        emit Validated(id, 1, validator(1), true, 0, "exceptions");
        vm.prank(validator(1));
        curation.validate(id, 1, true, 0, "exceptions");
        vote(id, 3, false);
        equal(statusOf(id), uint8(ICuration.Status.Pending), "one each");
        require(curation.hasVoted(id, 1) && curation.hasVoted(id, 3) && !curation.hasVoted(id, 2), "votes");
        later(1 days);
        vm.expectEmit(address(curation));
        emit StatusChanged(id, ICuration.Status.Accepted);
        vote(id, 2, true);
        ICuration.Contribution memory kept = curation.contributionOf(id);
        equal(uint8(kept.status), uint8(ICuration.Status.Accepted), "accepted");
        equal(kept.since, block.timestamp, "since");
        equal(kept.accepts, 2, "accepts");
        equal(kept.rejects, 1, "rejects");
        equal(curation.dueAt(id), block.timestamp + 5 days, "held until");
        vm.prank(validator(4));
        vm.expectRevert(wrongStatus(id, ICuration.Status.Accepted));
        curation.validate(id, 4, false, "why", 0);
    }

    function test_VotesRejectAtTheThreshold() public {
        bytes32 id = give("m", 3);
        vm.expectEmit(address(curation));
        emit Validated(id, 3, validator(3), false, "why", 0);
        vote(id, 3, false);
        vote(id, 1, true);
        vm.expectEmit(address(curation));
        emit StatusChanged(id, ICuration.Status.Rejected);
        vote(id, 4, false);
        equal(curation.dueAt(id), block.timestamp + 3 days, "appeal until");
    }

    function refusedVote(bytes32 id, uint256 agentId, address sender, bytes memory reason) internal {
        vm.prank(sender);
        vm.expectRevert(reason);
        curation.validate(id, agentId, false, "why", 0);
    }

    function test_OnlyOperatorsOfStakedAgentsVoteOnce() public {
        bytes32 id = give("m", 3);
        refusedVote("x", 1, validator(1), wrongStatus("x", ICuration.Status.None));
        refusedVote(
            id,
            1,
            validator(2),
            abi.encodeWithSelector(ICuration.CurationNotOperator.selector, 1, validator(2))
        );
        refusedVote(id, 9, STRANGER, abi.encodeWithSelector(ICuration.CurationNotOperator.selector, 9, STRANGER));
        agents.set(1, validator(1), STAKE_WEI - 1);
        refusedVote(
            id,
            1,
            validator(1),
            abi.encodeWithSelector(ICuration.CurationStakeTooLow.selector, 1, STAKE_WEI - 1, STAKE_WEI)
        );
        vote(id, 2, false);
        refusedVote(id, 2, validator(2), abi.encodeWithSelector(ICuration.CurationVoted.selector, id, 2));
        agents.set(7, ALICE, STAKE_WEI);
        refusedVote(id, 7, ALICE, abi.encodeWithSelector(ICuration.CurationOwnContribution.selector, id, ALICE));
        vm.prank(validator(3));
        vm.expectRevert(ICuration.CurationZeroDigest.selector);
        curation.validate(id, 3, false, 0, 0);
    }

    function test_VotesEndWithTheirTime() public {
        bytes32 id = give("m", 3);
        uint256 until = curation.dueAt(id);
        vm.warp(until - 1);
        vote(id, 1, true);
        vm.warp(until);
        refusedVote(id, 2, validator(2), abi.encodeWithSelector(ICuration.CurationTooLate.selector, id, until));
    }

    function test_WhereOnlyListedAgentsValidateOthersDoNot() public {
        datanet = newDatanet("listed");
        ICuration.Rules memory set = rules();
        set.listedOnly = true;
        setRules(datanet, set);
        bytes32 id = give("m", 1);
        refusedVote(id, 1, validator(1), abi.encodeWithSelector(ICuration.CurationNotListed.selector, datanet, 1));
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ICuration.CurationNotOwner.selector, datanet, STRANGER));
        curation.listValidator(datanet, 1, true);
        vm.startPrank(OWNER);
        vm.expectEmit(address(curation));
        emit ValidatorListed(datanet, 1, true);
        curation.listValidator(datanet, 1, true);
        curation.listValidator(datanet, 2, true);
        curation.listValidator(datanet, 2, false);
        vm.stopPrank();
        require(curation.isListed(datanet, 1) && !curation.isListed(datanet, 2), "list");
        vote(id, 1, true);
        refusedVote(id, 2, validator(2), abi.encodeWithSelector(ICuration.CurationNotListed.selector, datanet, 2));
    }

    // Consent

    function test_AContributorTakesConsentBack() public {
        bytes32 id = give("m", 3);
        accept(id);
        vm.expectEmit(address(curation));
        emit ConsentWithdrawn(datanet, id, ALICE, "list");
        vm.prank(ALICE);
        curation.withdrawConsent(datanet, "m", "records", "list");
        equal(statusOf(id), uint8(ICuration.Status.Accepted), "history stays");
        bytes32 bobs = registry.contributionIdOf(datanet, BOB, "m", "records");
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(ICuration.CurationNotContributor.selector, bobs, BOB));
        curation.withdrawConsent(datanet, "m", "records", 0);
    }

    function test_ConsentToAPlainDatanetIsTakenBackUnderAnIdOfTheSenders() public {
        bytes32 plain = newDatanet("plain", false);
        bytes32 id = registry.contributionIdOf(plain, BOB, "m", "records");
        vm.expectEmit(address(curation));
        emit ConsentWithdrawn(plain, id, BOB, 0);
        vm.prank(BOB);
        curation.withdrawConsent(plain, "m", "records", 0);
        vm.expectRevert(abi.encodeWithSelector(ILineageRegistry.LineageUnknown.selector, bytes32("x")));
        curation.withdrawConsent("x", "m", "records", 0);
    }

    function test_ConsentToOneRecordIsTakenBackWithAProof() public {
        bytes32[] memory words = new bytes32[](4);
        (words[0], words[1], words[2]) = ("one", "two", "three");
        bytes32 root = Tree.root(words);
        vm.prank(ALICE);
        registry.contributeRecords(datanet, "m", root, 3, 1, "MIT");
        bytes32 id = registry.contributionIdOf(datanet, ALICE, "m", root);
        bytes32[] memory proof = Tree.proof(words, 1);
        vm.expectEmit(address(curation));
        emit RecordConsentWithdrawn(datanet, id, ALICE, "two", 1);
        vm.prank(ALICE);
        curation.withdrawRecordConsent(datanet, "m", root, "two", 1, proof);

        bytes memory wrong = abi.encodeWithSelector(ICuration.CurationNotInContribution.selector, bytes32("one"), root);
        vm.startPrank(ALICE);
        vm.expectRevert(wrong);
        curation.withdrawRecordConsent(datanet, "m", root, "one", 1, proof);
        proof = Tree.proof(words, 3);
        vm.expectRevert(ICuration.CurationZeroDigest.selector); // padding
        curation.withdrawRecordConsent(datanet, "m", root, 0, 3, proof);
        vm.stopPrank();
        proof = Tree.proof(words, 1);
        bytes32 bobs = registry.contributionIdOf(datanet, BOB, "m", root);
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(ICuration.CurationNotContributor.selector, bobs, BOB));
        curation.withdrawRecordConsent(datanet, "m", root, "two", 1, proof);
    }
}
