// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ICuration} from "../../datanets/ICuration.sol";
import {IRewardSink} from "../../rewards/IRewardSink.sol";
import {Economy} from "./Economy.sol";
import {StakedAgents} from "./StakedAgents.sol";

/// A curated Datanet with rules, contributors who can pay, and agents that can validate.
abstract contract Curators is Economy {
    address internal constant OWNER = address(0x0e);
    address internal constant ALICE = address(0xA1);
    address internal constant BOB = address(0xB0);
    address internal constant COUNCIL = address(0xC0);
    address internal constant SLASHER = address(0x51);
    uint256 internal constant AGENTS = 5; // 1 to 5, run by validator(1) to validator(5)
    uint96 internal constant CONTRIBUTION_BOND_WEI = 1e18 + 7; // odd, so that parts round
    uint96 internal constant APPEAL_BOND_WEI = 3e17 + 1;
    uint96 internal constant STAKE_WEI = 5e18;

    ICuration internal curation;
    StakedAgents internal agents;
    bytes32 internal datanet;

    function setUp() public virtual override {
        super.setUp();
        agents = new StakedAgents();
        curation = ICuration(proxy("Curation", setup(address(agents), parameters())));
        vm.startPrank(GOVERNOR);
        registry.setContributionRules(curation);
        curation.setSlasher(SLASHER, true);
        vm.stopPrank();
        for (uint256 i = 1; i <= AGENTS; ++i) agents.set(i, validator(i), STAKE_WEI);
        fund(ALICE);
        fund(BOB);
        datanet = newDatanet("curated");
        setRules(datanet, rules());
    }

    function setup(address agents_, ICuration.Parameters memory set) internal view returns (bytes memory) {
        return
            abi.encodeCall(
                ICuration.initialize,
                (
                    GOVERNOR,
                    GUARDIAN,
                    token,
                    registry,
                    StakedAgents(agents_),
                    StakedAgents(agents_),
                    IRewardSink(address(vault)),
                    COUNCIL,
                    set
                )
            );
    }

    function parameters() internal pure returns (ICuration.Parameters memory) {
        return ICuration.Parameters(200_000, 300_000, 400_000, APPEAL_BOND_WEI, 2e18);
    }

    function rules() internal pure returns (ICuration.Rules memory) {
        return
            ICuration.Rules({
                bondWei: CONTRIBUTION_BOND_WEI,
                minStakeWei: STAKE_WEI,
                maxRecordsPerBatch: 10,
                maxRecordsPerPeriod: 20,
                maxRecords: 50,
                periodSeconds: 1 days,
                validationSeconds: 2 days,
                holdSeconds: 5 days,
                votesNeeded: 2,
                listedOnly: false,
                silenceAccepts: false,
                termsDigest: "terms"
            });
    }

    function validator(uint256 agentId) internal pure returns (address) {
        return address(uint160(0x7a11da00 + agentId));
    }

    function fund(address contributor) internal {
        token.transfer(contributor, 1e24);
        vm.prank(contributor);
        token.approve(address(curation), type(uint256).max);
    }

    function newDatanet(string memory name) internal returns (bytes32) {
        return newDatanet(name, true);
    }

    function newDatanet(string memory name, bool curated) internal returns (bytes32) {
        vm.prank(OWNER);
        return registry.createDatanet(curatedTerms(name, curated));
    }

    function setRules(bytes32 datanetId, ICuration.Rules memory set) internal {
        vm.prank(OWNER);
        curation.setRules(datanetId, set);
    }

    /// By ALICE to the Datanet, `records` of them.
    function give(bytes32 manifest, uint32 records) internal returns (bytes32) {
        return give(ALICE, datanet, manifest, records);
    }

    function give(
        address contributor,
        bytes32 datanetId,
        bytes32 manifest,
        uint32 records
    ) internal returns (bytes32 id) {
        id = registry.contributionIdOf(datanetId, contributor, manifest, "records");
        vm.prank(contributor);
        registry.contributeRecords(datanetId, manifest, "records", records, 7_000, "MIT");
    }

    function vote(bytes32 id, uint256 agentId, bool accepted) internal {
        vm.prank(validator(agentId));
        curation.validate(id, agentId, accepted, "why", 0);
    }

    function accept(bytes32 id) internal {
        vote(id, 1, true);
        vote(id, 2, true);
    }

    function reject(bytes32 id) internal {
        vote(id, 3, false);
        vote(id, 4, false);
    }

    function appealed(bytes32 id) internal {
        reject(id);
        vm.prank(ALICE);
        curation.appeal(id, "unfair");
    }

    function statusOf(bytes32 id) internal view returns (uint8) {
        return uint8(curation.contributionOf(id).status);
    }

    function wrongStatus(bytes32 id, ICuration.Status status) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ICuration.CurationWrongStatus.selector, id, status);
    }

    function later(uint256 time) internal {
        vm.warp(block.timestamp + time);
    }

    function heldWei() internal view returns (uint256) {
        return IERC20(token).balanceOf(address(curation));
    }
}
