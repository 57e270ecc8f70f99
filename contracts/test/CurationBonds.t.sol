// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICuration} from "../datanets/ICuration.sol";
import {Curators} from "./support/Curators.sol";

/// What becomes of bonds.
contract CurationBondsTest is Curators {
    event StatusChanged(bytes32 indexed contributionId, ICuration.Status status);
    event Appealed(bytes32 indexed contributionId, uint256 bondWei, bytes32 reasonDigest);
    event AppealRuled(bytes32 indexed contributionId, bool accepted, bytes32 reasonDigest);
    event BondReturned(bytes32 indexed contributionId, address indexed contributor, uint256 amountWei);
    event RejectionSlashed(bytes32 indexed contributionId, uint256 slashedWei, uint256 bountiesWei);
    event HarmSlashed(
        bytes32 indexed contributionId,
        address indexed slasher,
        uint256 slashedWei,
        bytes32 reasonDigest
    );
    event BountyTaken(address indexed validator, uint256 amountWei);
    event Swept(uint256 amountWei);

    // 20 % of the bond, rounded down.
    uint256 internal constant SLASH_WEI = 2e17 + 1;
    // 30 % of the bond, rounded down.
    uint256 internal constant HARM_WEI = 3e17 + 2;

    bytes32 internal id;
    uint256 internal aliceWei;

    function setUp() public override {
        super.setUp();
        aliceWei = token.balanceOf(ALICE);
        id = give("m", 3);
    }

    function lost() internal view returns (uint256) {
        return aliceWei - token.balanceOf(ALICE);
    }

    function notDue(ICuration.Status status, uint256 due) internal {
        vm.expectRevert(abi.encodeWithSelector(ICuration.CurationNotDue.selector, id, status, due));
        curation.settle(id);
    }

    /// Refuses one second before it is due.
    function settleWhenDue(ICuration.Status status, uint256 time) internal {
        uint256 due = block.timestamp + time;
        equal(curation.dueAt(id), due, "due");
        vm.warp(due - 1);
        notDue(status, due);
        vm.warp(due);
        vm.prank(STRANGER);
        curation.settle(id);
    }

    function ended(ICuration.Status status) internal {
        equal(statusOf(id), uint8(status), "status");
        if (status != ICuration.Status.Accepted) equal(curation.contributionOf(id).since, block.timestamp, "since");
        equal(curation.contributionOf(id).bondWei, 0, "bond");
        equal(curation.contributionOf(id).appealBondWei, 0, "appeal's bond");
        equal(curation.bondedWei(), 0, "bonded");
        notDue(status, type(uint256).max);
    }

    // Time

    function test_AnAcceptedContributionsBondComesBackAfterTheHold() public {
        later(1 days);
        accept(id);
        uint256 due = block.timestamp + 5 days;
        notDue(ICuration.Status.Accepted, due);
        vm.warp(due);
        vm.expectEmit(address(curation));
        emit BondReturned(id, ALICE, CONTRIBUTION_BOND_WEI);
        curation.settle(id);
        equal(lost(), 0, "all came back");
        ended(ICuration.Status.Accepted);
    }

    function test_AHoldIsOverToTheSecond() public {
        accept(id);
        settleWhenDue(ICuration.Status.Accepted, 5 days);
        equal(lost(), 0, "all came back");
    }

    function test_SilenceDraws() public {
        vote(id, 1, true); // not enough
        settleWhenDue(ICuration.Status.Pending, 2 days);
        equal(lost(), 0, "all came back");
        ended(ICuration.Status.Drawn);
        vm.prank(SLASHER);
        vm.expectRevert(wrongStatus(id, ICuration.Status.Drawn));
        curation.slashForHarm(id, 1, "harm");
    }

    function test_SilenceAcceptsWhereTheRulesSaySo() public {
        datanet = newDatanet("lenient");
        ICuration.Rules memory set = rules();
        set.silenceAccepts = true;
        setRules(datanet, set);
        id = give("m", 3);
        uint256 ends = block.timestamp + 2 days;
        vm.warp(ends - 1);
        notDue(ICuration.Status.Pending, ends);
        vm.warp(ends + 1 days);
        vm.expectEmit(address(curation));
        emit StatusChanged(id, ICuration.Status.Accepted);
        curation.settle(id);
        equal(curation.contributionOf(id).bondWei, CONTRIBUTION_BOND_WEI, "held still");
        equal(curation.dueAt(id), ends + 5 days, "from the end of the vote on");
        vm.warp(ends + 5 days);
        curation.settle(id);
        equal(curation.contributionOf(id).bondWei, 0, "given back");
    }

    function test_TheUnknownIsNeverDue() public {
        id = "x";
        notDue(ICuration.Status.None, type(uint256).max);
    }

    // Rejections

    function test_ARejectionThatStandsCostsPartOfTheBond() public {
        reject(id);
        equal(curation.bondedWei(), CONTRIBUTION_BOND_WEI, "held still");
        uint256 due = block.timestamp + 3 days;
        vm.warp(due - 1);
        notDue(ICuration.Status.Rejected, due);
        vm.warp(due);
        // 40 % of the slash, halved, rounded down twice: 80000000000000000.4 -> 40000000000000000
        uint256 bountyWei = 4e16;
        vm.expectEmit(address(curation));
        emit StatusChanged(id, ICuration.Status.Refused);
        vm.expectEmit(address(curation));
        emit RejectionSlashed(id, SLASH_WEI, 2 * bountyWei);
        vm.expectEmit(address(curation));
        emit BondReturned(id, ALICE, CONTRIBUTION_BOND_WEI - SLASH_WEI);
        curation.settle(id);
        equal(lost(), SLASH_WEI, "lost");
        equal(curation.contributionOf(id).slashedWei, SLASH_WEI, "slashed");
        equal(curation.bountyOf(validator(3)), bountyWei, "one who rejected");
        equal(curation.bountyOf(validator(4)), bountyWei, "another who rejected");
        equal(curation.forRewardsWei(), SLASH_WEI - 2 * bountyWei, "rewards");
        equal(heldWei(), SLASH_WEI, "held for both");
        ended(ICuration.Status.Refused);

        vm.expectEmit(address(curation));
        emit BountyTaken(validator(3), bountyWei);
        equal(curation.payBounty(validator(3)), bountyWei, "bounty");
        equal(token.balanceOf(validator(3)), bountyWei, "paid");
        vm.expectRevert(ICuration.CurationNothingToPay.selector);
        curation.payBounty(validator(3));
        uint256 sweptWei = SLASH_WEI - 2 * bountyWei;
        vm.expectEmit(address(curation));
        emit Swept(sweptWei);
        equal(curation.sweep(), sweptWei, "swept");
        equal(vault.funded(), sweptWei, "rewards got it");
        vm.expectRevert(ICuration.CurationNothingToPay.selector);
        curation.sweep();
        equal(heldWei(), bountyWei, "the other's bounty stays");
    }

    function test_WhoAcceptedGetsNoBounty() public {
        vote(id, 1, true);
        reject(id);
        later(3 days);
        curation.settle(id);
        equal(curation.bountyOf(validator(1)), 0, "was outvoted");
    }

    function test_ABountyIsAtMostHalfAndASlashToo() public {
        vm.prank(GOVERNOR);
        curation.setParameters(ICuration.Parameters(500_000, 500_000, 500_000, 0, 1e18));
        reject(id);
        later(3 days);
        curation.settle(id);
        equal(lost(), CONTRIBUTION_BOND_WEI / 2, "half the bond");
        equal(curation.bountyOf(validator(3)), CONTRIBUTION_BOND_WEI / 8, "an eighth each");
    }

    function test_ARejectedContributionWithoutABondCostsNothing() public {
        datanet = newDatanet("free");
        ICuration.Rules memory set = rules();
        set.bondWei = 0;
        setRules(datanet, set);
        id = give("m", 3);
        reject(id);
        later(3 days);
        curation.settle(id);
        equal(curation.forRewardsWei(), 0, "rewards");
        equal(statusOf(id), uint8(ICuration.Status.Refused), "status");
    }

    // Appeals

    function test_AnAppealIsBondedAndWaitsForTheCouncil() public {
        reject(id);
        later(1 days);
        vm.expectEmit(address(curation));
        emit StatusChanged(id, ICuration.Status.Appealed);
        vm.expectEmit(address(curation));
        emit Appealed(id, APPEAL_BOND_WEI, "unfair");
        vm.prank(ALICE);
        curation.appeal(id, "unfair");
        equal(curation.contributionOf(id).appealBondWei, APPEAL_BOND_WEI, "kept");
        equal(curation.bondedWei(), CONTRIBUTION_BOND_WEI + APPEAL_BOND_WEI, "bonded");
        equal(heldWei(), CONTRIBUTION_BOND_WEI + APPEAL_BOND_WEI, "held");
        equal(curation.dueAt(id), block.timestamp + 14 days, "ruling until");
    }

    function refusedAppeal(address sender, bytes memory reason) internal {
        vm.prank(sender);
        vm.expectRevert(reason);
        curation.appeal(id, "unfair");
    }

    function test_OnlyTheContributorAppealsARejectionInTime() public {
        refusedAppeal(ALICE, wrongStatus(id, ICuration.Status.Pending));
        reject(id);
        refusedAppeal(BOB, abi.encodeWithSelector(ICuration.CurationNotContributor.selector, id, BOB));
        vm.prank(ALICE);
        vm.expectRevert(ICuration.CurationZeroDigest.selector);
        curation.appeal(id, 0);
        uint256 until = block.timestamp + 3 days;
        vm.warp(until);
        refusedAppeal(ALICE, abi.encodeWithSelector(ICuration.CurationTooLate.selector, id, until));
        vm.warp(until - 1);
        vm.prank(ALICE);
        curation.appeal(id, "unfair");
        refusedAppeal(ALICE, wrongStatus(id, ICuration.Status.Appealed));
    }

    function test_AnAppealThatWinsAcceptsAndGivesItsBondBack() public {
        appealed(id);
        later(1 days);
        vm.expectEmit(address(curation));
        emit AppealRuled(id, true, "ruling");
        vm.expectEmit(address(curation));
        emit StatusChanged(id, ICuration.Status.Accepted);
        vm.expectEmit(address(curation));
        emit BondReturned(id, ALICE, APPEAL_BOND_WEI);
        vm.prank(COUNCIL);
        curation.rule(id, true, "ruling");
        equal(lost(), CONTRIBUTION_BOND_WEI, "its bond is held on");
        equal(curation.bondedWei(), CONTRIBUTION_BOND_WEI, "bonded");
        equal(curation.contributionOf(id).appealBondWei, 0, "appeal's bond");
        settleWhenDue(ICuration.Status.Accepted, 5 days);
        equal(lost(), 0, "all came back");
        ended(ICuration.Status.Accepted);
    }

    function test_AnAppealThatFailsCostsItsBondToo() public {
        appealed(id);
        uint256 slashedWei = SLASH_WEI + APPEAL_BOND_WEI;
        uint256 bountyWei = ((slashedWei * 4) / 10) / 2;
        vm.expectEmit(address(curation));
        emit AppealRuled(id, false, "ruling");
        vm.expectEmit(address(curation));
        emit RejectionSlashed(id, slashedWei, 2 * bountyWei);
        vm.prank(COUNCIL);
        curation.rule(id, false, "ruling");
        equal(lost(), slashedWei, "lost");
        equal(curation.bountyOf(validator(4)), bountyWei, "bounty");
        equal(curation.forRewardsWei(), slashedWei - 2 * bountyWei, "rewards");
        equal(curation.contributionOf(id).slashedWei, slashedWei, "slashed");
        ended(ICuration.Status.Refused);
    }

    function test_ACouncilThatStaysSilentDraws() public {
        appealed(id);
        settleWhenDue(ICuration.Status.Appealed, 14 days);
        equal(lost(), 0, "both bonds came back");
        ended(ICuration.Status.Drawn);
    }

    function test_TheCouncilMayRuleLateIfNobodyCalledTheDraw() public {
        appealed(id);
        later(20 days);
        vm.prank(COUNCIL);
        curation.rule(id, true, "ruling");
        equal(statusOf(id), uint8(ICuration.Status.Accepted), "status");
    }

    function test_OnlyTheCouncilRulesOnAppealsAndGivesReasons() public {
        vm.prank(COUNCIL);
        vm.expectRevert(wrongStatus(id, ICuration.Status.Pending));
        curation.rule(id, true, "ruling");
        appealed(id);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ICuration.CurationNotCouncil.selector, STRANGER));
        curation.rule(id, true, "ruling");
        vm.prank(COUNCIL);
        vm.expectRevert(ICuration.CurationZeroDigest.selector);
        curation.rule(id, true, 0);
    }

    function test_AFreeAppealTakesNoMoney() public {
        vm.prank(GOVERNOR);
        curation.setParameters(ICuration.Parameters(200_000, 300_000, 400_000, 0, 1e18));
        appealed(id);
        equal(lost(), CONTRIBUTION_BOND_WEI, "only its bond");
        vm.prank(COUNCIL);
        curation.rule(id, true, "ruling");
        equal(lost(), CONTRIBUTION_BOND_WEI, "nothing to give back");
    }

    // Harm

    function slash(uint96 amountWei) internal {
        vm.prank(SLASHER);
        curation.slashForHarm(id, amountWei, "harm");
    }

    function refusedSlash(uint96 amountWei, uint256 allowedWei) internal {
        vm.prank(SLASHER);
        vm.expectRevert(abi.encodeWithSelector(ICuration.CurationSlashTooHigh.selector, id, amountWei, allowedWei));
        curation.slashForHarm(id, amountWei, "harm");
    }

    function test_HarmCostsPartOfTheBondUpToTheCap() public {
        accept(id);
        refusedSlash(0, HARM_WEI);
        refusedSlash(uint96(HARM_WEI + 1), HARM_WEI);
        vm.expectEmit(address(curation));
        emit HarmSlashed(id, SLASHER, 1e17, "harm");
        slash(1e17);
        refusedSlash(uint96(HARM_WEI - 1e17 + 1), HARM_WEI - 1e17);
        slash(uint96(HARM_WEI - 1e17));
        refusedSlash(1, 0);
        equal(curation.contributionOf(id).slashedWei, HARM_WEI, "slashed");
        equal(curation.contributionOf(id).bondWei, CONTRIBUTION_BOND_WEI - HARM_WEI, "held");
        equal(curation.bondedWei(), CONTRIBUTION_BOND_WEI - HARM_WEI, "bonded");
        equal(curation.forRewardsWei(), HARM_WEI, "all of it for rewards");
        equal(heldWei(), CONTRIBUTION_BOND_WEI, "nothing left");
        settleWhenDue(ICuration.Status.Accepted, 5 days);
        equal(lost(), HARM_WEI, "lost");
        refusedSlash(1, 0); // it went back
    }

    function test_ALowerCapTakesNothingBack() public {
        accept(id);
        slash(uint96(HARM_WEI));
        vm.prank(GOVERNOR);
        curation.setParameters(ICuration.Parameters(0, 100_000, 0, 0, 1e18));
        refusedSlash(1, 0);
    }

    function test_HarmOfAPendingContributionLeavesLessToRejectFor() public {
        slash(1e17);
        reject(id);
        vm.prank(SLASHER);
        vm.expectRevert(wrongStatus(id, ICuration.Status.Rejected));
        curation.slashForHarm(id, 1, "harm");
        later(3 days);
        curation.settle(id);
        uint256 slashedWei = uint256(CONTRIBUTION_BOND_WEI - 1e17) / 5;
        equal(lost(), 1e17 + slashedWei, "lost");
        equal(curation.contributionOf(id).slashedWei, 1e17 + slashedWei, "slashed");
    }

    function test_OnlySlashersSlashAndGiveReasons() public {
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ICuration.CurationNotSlasher.selector, STRANGER));
        curation.slashForHarm(id, 1, "harm");
        vm.prank(SLASHER);
        vm.expectRevert(ICuration.CurationZeroDigest.selector);
        curation.slashForHarm(id, 1, 0);
    }
}
