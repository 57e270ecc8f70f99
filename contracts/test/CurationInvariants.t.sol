// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICuration} from "../datanets/ICuration.sol";
import {Curators} from "./support/Curators.sol";
import {Invariants} from "./support/Invariants.sol";

/// Drives the curation at random: contributions, votes, appeals, rulings, slashes, time.
contract CurationHandler is Curators {
    uint256 public inWei; // bonds
    uint256 public votes; // that were taken
    uint256 public most; // records that one contributor gave in a period
    bytes32[] internal ids;
    mapping(bytes32 id => mapping(uint256 agentId => bool)) internal voted;
    mapping(bytes32 id => uint96) internal bondOf;
    uint256 internal startWei;
    uint256 internal manifests;

    function start() external {
        setUp();
        ICuration.Rules memory lenient = rules();
        (lenient.silenceAccepts, lenient.votesNeeded, lenient.bondWei) = (true, 1, 3);
        setRules(newDatanet("lenient"), lenient);
        startWei = outsideWei();
    }

    function contribute(uint256 who, uint32 records, bool lenient) external {
        address contributor = who % 2 == 0 ? ALICE : BOB;
        bytes32 to = lenient ? registry.datanetIdOf(OWNER, curatedTerms("lenient", true)) : datanet;
        bytes32 manifest = bytes32(++manifests);
        records = uint32(bound(records, 1, 11));
        bytes32 id = registry.contributionIdOf(to, contributor, manifest, "records");
        vm.prank(contributor);
        try registry.contributeRecords(to, manifest, "records", records, 1, "MIT") {
            ids.push(id);
            bondOf[id] = curation.contributionOf(id).bondWei;
            inWei += bondOf[id];
            uint256 given = curation.recordsInPeriod(to, contributor);
            if (given > most) most = given;
        } catch (bytes memory reason) {
            bytes4 why = bytes4(reason);
            require(
                why == ICuration.CurationBatchQuota.selector ||
                    why == ICuration.CurationPeriodQuota.selector ||
                    why == ICuration.CurationTotalQuota.selector,
                "only quotas refuse"
            );
        }
    }

    function validate(uint256 seed, bool accepted) external {
        if (ids.length == 0) return;
        bytes32 id = ids[seed % ids.length];
        uint256 agentId = 1 + ((seed >> 128) % AGENTS);
        vm.prank(validator(agentId));
        try curation.validate(id, agentId, accepted, "why", 0) {
            require(!voted[id][agentId], "an agent voted twice");
            voted[id][agentId] = true;
            ++votes;
        } catch {}
    }

    function appeal(uint256 seed) external {
        if (ids.length == 0) return;
        bytes32 id = ids[seed % ids.length];
        vm.prank(curation.contributionOf(id).contributor);
        try curation.appeal(id, "unfair") {
            inWei += curation.contributionOf(id).appealBondWei;
        } catch {}
    }

    function rule(uint256 seed, bool accepted) external {
        if (ids.length == 0) return;
        vm.prank(COUNCIL);
        try curation.rule(ids[seed % ids.length], accepted, "ruling") {} catch {}
    }

    function settle(uint256 seed) external {
        if (ids.length == 0) return;
        bytes32 id = ids[seed % ids.length];
        bool due = block.timestamp >= curation.dueAt(id);
        try curation.settle(id) {
            require(due, "settled before it was due");
        } catch {
            require(!due, "what is due can always be settled");
        }
    }

    function slashForHarm(uint256 seed, uint96 amountWei) external {
        if (ids.length == 0) return;
        bytes32 id = ids[seed % ids.length];
        vm.prank(SLASHER);
        try curation.slashForHarm(id, uint96(bound(amountWei, 0, 1e18)), "harm") {} catch {}
    }

    function payBounty(uint256 agentId) external {
        try curation.payBounty(validator(1 + (agentId % AGENTS))) {} catch {}
    }

    function sweep() external {
        try curation.sweep() {} catch {}
    }

    function setParameters(uint32 rejectionPpm, uint32 harmPpm, uint32 bountyPpm, uint96 appealWei) external {
        ICuration.Parameters memory set = ICuration.Parameters(
            uint32(bound(rejectionPpm, 0, 500_000)),
            uint32(bound(harmPpm, 0, 500_000)),
            uint32(bound(bountyPpm, 0, 500_000)),
            uint96(bound(appealWei, 0, 1e18)),
            1e18
        );
        vm.prank(GOVERNOR);
        curation.setParameters(set);
    }

    function wait_(uint256 time) external {
        later(bound(time, 1 hours, 4 days));
    }

    // For the invariants

    function heldNowWei() external view returns (uint256) {
        return heldWei();
    }

    function bondedWei() external view returns (uint256) {
        return curation.bondedWei();
    }

    function bondsWei() external view returns (uint256 sumWei) {
        for (uint256 i; i < ids.length; ++i) {
            ICuration.Contribution memory kept = curation.contributionOf(ids[i]);
            sumWei += uint256(kept.bondWei) + kept.appealBondWei;
        }
    }

    function owedWei() public view returns (uint256 sumWei) {
        sumWei = curation.forRewardsWei();
        for (uint256 i = 1; i <= AGENTS; ++i) sumWei += curation.bountyOf(validator(i));
    }

    function outsideWei() public view returns (uint256 sumWei) {
        sumWei = token.balanceOf(ALICE) + token.balanceOf(BOB) + token.balanceOf(address(vault));
        for (uint256 i = 1; i <= AGENTS; ++i) sumWei += token.balanceOf(validator(i));
    }

    function gone() external view returns (uint256) {
        return startWei - outsideWei();
    }

    function votesCounted() external view returns (uint256 sum) {
        for (uint256 i; i < ids.length; ++i) {
            ICuration.Contribution memory kept = curation.contributionOf(ids[i]);
            sum += uint256(kept.accepts) + kept.rejects;
        }
    }

    /// Bonds of contributions that ended, or were accepted: at most half of each was ever lost, and the appeal's bond.
    function noneLostMore() external view returns (bool) {
        for (uint256 i; i < ids.length; ++i) {
            ICuration.Contribution memory kept = curation.contributionOf(ids[i]);
            bool refused = kept.status == ICuration.Status.Refused;
            // Half for harm and half of the rest for the rejection, and what an appeal may cost.
            uint256 limitWei = refused ? (uint256(bondOf[ids[i]]) * 3) / 4 + 1 + 1e18 : bondOf[ids[i]] / 2;
            if (kept.slashedWei > limitWei) return false;
        }
        return true;
    }

    function endedHoldNothing() external view returns (bool) {
        for (uint256 i; i < ids.length; ++i) {
            ICuration.Contribution memory kept = curation.contributionOf(ids[i]);
            bool ended = kept.status == ICuration.Status.Refused || kept.status == ICuration.Status.Drawn;
            if (ended && (kept.bondWei != 0 || kept.appealBondWei != 0)) return false;
        }
        return true;
    }
}

contract CurationInvariants is Invariants {
    CurationHandler internal handler;

    function setUp() public {
        handler = new CurationHandler();
        handler.start();
        bytes4[] memory selectors = new bytes4[](14);
        selectors[0] = CurationHandler.contribute.selector;
        selectors[1] = CurationHandler.validate.selector;
        selectors[2] = CurationHandler.appeal.selector;
        selectors[3] = CurationHandler.rule.selector;
        selectors[4] = CurationHandler.settle.selector;
        selectors[5] = CurationHandler.slashForHarm.selector;
        selectors[6] = CurationHandler.payBounty.selector;
        selectors[7] = CurationHandler.sweep.selector;
        selectors[8] = CurationHandler.setParameters.selector;
        selectors[9] = CurationHandler.wait_.selector;
        // Twice as likely: without them nothing happens.
        selectors[10] = CurationHandler.contribute.selector;
        selectors[11] = CurationHandler.validate.selector;
        selectors[12] = CurationHandler.validate.selector;
        selectors[13] = CurationHandler.settle.selector;
        target(address(handler), selectors);
    }

    function invariant_TheCurationHoldsExactlyTheBondsAndWhatItOwes() public view {
        equal(handler.heldNowWei(), handler.bondedWei() + handler.owedWei(), "held");
    }

    function invariant_TheBondsAreThoseOfTheContributions() public view {
        equal(handler.bondedWei(), handler.bondsWei(), "bonds");
    }

    function invariant_WhatContributorsGaveIsHeldOrWentToThemValidatorsAndRewards() public view {
        equal(handler.gone(), handler.heldNowWei(), "in and out");
    }

    function invariant_EachAgentVotesOnce() public view {
        equal(handler.votesCounted(), handler.votes(), "votes");
    }

    function invariant_NoContributionLosesMoreThanTheCaps() public view {
        require(handler.noneLostMore(), "lost more");
    }

    function invariant_WhatEndedHoldsNoBond() public view {
        require(handler.endedHoldNothing(), "holds a bond");
    }

    function invariant_NobodyGivesMoreThanTheQuota() public view {
        require(handler.most() <= 20, "more than the quota");
    }
}
