// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IAgentRegistry} from "../agents/IAgentRegistry.sol";
import {IAgentReputation} from "../agents/IAgentReputation.sol";
import {IGuarded} from "../governance/IGuarded.sol";
import {IUpgradeable} from "./support/Economy.sol";
import {Signing} from "./support/Signing.sol";

contract AgentReputationTest is Signing {
    address internal constant GOVERNOR = address(0x60);
    address internal constant GUARDIAN = address(0x6A);
    address internal constant OWNER = address(0x01);
    address internal constant CLIENT = address(0xC1);
    address internal constant VALIDATOR = address(0x7A);
    address internal constant STRANGER = address(0x57);
    uint256 internal constant WALLET_KEY = 0x3A11E7;

    IAgentRegistry internal registry;
    IAgentReputation internal reputation;

    function setUp() public {
        vm.warp(1_000_000);
        registry = IAgentRegistry(
            proxy("AgentRegistry", abi.encodeCall(IAgentRegistry.initialize, (GOVERNOR, GUARDIAN)))
        );
        reputation = IAgentReputation(proxy("AgentReputation", initial(address(registry))));
        vm.prank(OWNER);
        registry.register();
    }

    function proxy(string memory name, bytes memory setup) internal returns (address) {
        return deployed("ERC1967Proxy", abi.encode(deployed(name, ""), setup));
    }

    function initial(address identity) internal pure returns (bytes memory) {
        return abi.encodeCall(IAgentReputation.initialize, (GOVERNOR, GUARDIAN, identity));
    }

    function deployOn(address identity) external {
        proxy("AgentReputation", initial(identity));
    }

    function give(address client, int128 value, uint8 decimals) internal {
        vm.prank(client);
        reputation.giveFeedback(1, value, decimals, "starred", "chat", "https://agent", "ipfs://why", "hash");
    }

    function ask(address sender, address validator, uint256 agentId, bytes32 requestHash) internal {
        vm.prank(sender);
        reputation.validationRequest(validator, agentId, "ipfs://work", requestHash);
    }

    function respond(address sender, uint8 response) internal {
        vm.prank(sender);
        reputation.validationResponse("request", response, "ipfs://proof", "proof", "zkml");
    }

    function test_ItIsSetUpOnceAndUpgradedByGovernanceAlone() public {
        vm.expectRevert(IAgentReputation.ReputationZeroAddress.selector);
        this.deployOn(address(0));
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        reputation.initialize(GOVERNOR, GUARDIAN, address(registry));
        address code = deployed("AgentReputation", "");
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        IAgentReputation(code).initialize(GOVERNOR, GUARDIAN, address(registry));
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IUpgradeable.OwnableUnauthorizedAccount.selector, STRANGER));
        IUpgradeable(address(reputation)).upgradeToAndCall(code, "");
        equal(reputation.getIdentityRegistry(), address(registry), "registry");
        equal(IGuarded(address(reputation)).guardian(), GUARDIAN, "guardian");
    }

    // Feedback

    function test_AClientGivesFeedback() public {
        equal(reputation.getLastIndex(1, CLIENT), 0, "none yet");
        vm.expectEmit(address(reputation));
        emit IAgentReputation.NewFeedback(
            1,
            CLIENT,
            1,
            -425,
            2,
            "starred",
            "starred",
            "chat",
            "https://agent",
            "ipfs://why",
            "hash"
        );
        give(CLIENT, -425, 2);
        give(CLIENT, 1e38, 18);
        give(CLIENT, -1e38, 0);
        equal(reputation.getLastIndex(1, CLIENT), 3, "three");
        (int128 value, uint8 decimals, bool isRevoked) = reputation.readFeedback(1, CLIENT, 1);
        require(value == -425 && decimals == 2 && !isRevoked, "as given");
        (value, decimals, isRevoked) = reputation.readFeedback(1, CLIENT, 2);
        require(value == 1e38 && decimals == 18 && !isRevoked, "as given");
    }

    function test_AnAgentDoesNotPraiseItself() public {
        address wallet = vm.addr(WALLET_KEY);
        bytes memory proof = signed(WALLET_KEY, registry.hashAgentWallet(1, wallet, OWNER, block.timestamp));
        vm.startPrank(OWNER);
        registry.setAgentWallet(1, wallet, block.timestamp, proof);
        IERC721(address(registry)).approve(CLIENT, 1);
        IERC721(address(registry)).setApprovalForAll(VALIDATOR, true);
        vm.stopPrank();
        address[4] memory own = [OWNER, wallet, CLIENT, VALIDATOR];
        for (uint256 i; i < 4; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IAgentReputation.ReputationOwnAgent.selector, 1, own[i]));
            give(own[i], 5, 0);
        }
        give(STRANGER, 5, 0);
        for (uint256 i; i < 4; ++i) ask(own[i], STRANGER, 1, bytes32(i + 1));
    }

    function test_ValuesOutOfRangeAndUnknownAgentsAreRefused() public {
        int128[3] memory values = [int128(1), 1e38 + 1, -1e38 - 1];
        uint8[3] memory decimals = [19, 0, 0];
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IAgentReputation.ReputationValueOutOfRange.selector, values[i], decimals[i])
            );
            give(CLIENT, values[i], decimals[i]);
        }
        vm.expectRevert(abi.encodeWithSelector(IAgentReputation.ReputationUnknownAgent.selector, 2));
        reputation.giveFeedback(2, 1, 0, "", "", "", "", 0);
        vm.expectRevert(abi.encodeWithSelector(IAgentReputation.ReputationUnknownAgent.selector, 2));
        ask(OWNER, VALIDATOR, 2, "request");
    }

    function unknown(address client, uint64 index) internal {
        vm.expectRevert(abi.encodeWithSelector(IAgentReputation.ReputationUnknownFeedback.selector, 1, client, index));
    }

    function test_AClientTakesItsFeedbackBackOnce() public {
        give(CLIENT, 5, 0);
        unknown(STRANGER, 1);
        vm.prank(STRANGER);
        reputation.revokeFeedback(1, 1);
        unknown(CLIENT, 0);
        vm.prank(CLIENT);
        reputation.revokeFeedback(1, 0);
        unknown(CLIENT, 2);
        reputation.readFeedback(1, CLIENT, 2);
        vm.expectEmit(address(reputation));
        emit IAgentReputation.FeedbackRevoked(1, CLIENT, 1);
        vm.prank(CLIENT);
        reputation.revokeFeedback(1, 1);
        (, , bool isRevoked) = reputation.readFeedback(1, CLIENT, 1);
        require(isRevoked, "taken back");
        vm.prank(CLIENT);
        vm.expectRevert(abi.encodeWithSelector(IAgentReputation.ReputationRevoked.selector, 1, CLIENT, 1));
        reputation.revokeFeedback(1, 1);
    }

    function test_AnybodyAnswersAFeedback() public {
        give(CLIENT, 5, 0);
        vm.expectEmit(address(reputation));
        emit IAgentReputation.ResponseAppended(1, CLIENT, 1, STRANGER, "ipfs://answer", "answer");
        vm.prank(STRANGER);
        reputation.appendResponse(1, CLIENT, 1, "ipfs://answer", "answer");
        unknown(CLIENT, 2);
        reputation.appendResponse(1, CLIENT, 2, "ipfs://answer", "answer");
    }

    // Validation

    function test_AValidatorAnswersAsOftenAsItLikes() public {
        vm.expectEmit(address(reputation));
        emit IAgentReputation.ValidationRequest(VALIDATOR, 1, "ipfs://work", "request");
        ask(OWNER, VALIDATOR, 1, "request");
        (, , , , uint256 lastUpdate) = reputation.getValidationStatus("request");
        equal(lastUpdate, 0, "no answer yet");
        respond(VALIDATOR, 40);
        vm.warp(block.timestamp + 9);
        vm.expectEmit(address(reputation));
        emit IAgentReputation.ValidationResponse(VALIDATOR, 1, "request", 100, "ipfs://proof", "proof", "zkml");
        respond(VALIDATOR, 100);
        (address validator, uint256 agentId, uint8 response, bytes32 responseHash, uint256 time) = reputation
            .getValidationStatus("request");
        equal(validator, VALIDATOR, "validator");
        equal(agentId, 1, "agent");
        equal(response, 100, "answer");
        equal(responseHash, "proof", "proof");
        equal(time, block.timestamp, "time");
    }

    function test_RequestsOfOthersForNobodyOrTwiceAreRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IAgentReputation.ReputationNotItsAgent.selector, 1, STRANGER));
        ask(STRANGER, VALIDATOR, 1, "request");
        vm.expectRevert(IAgentReputation.ReputationZeroAddress.selector);
        ask(OWNER, address(0), 1, "request");
        vm.expectRevert(abi.encodeWithSelector(IAgentReputation.ReputationRequestKnown.selector, bytes32(0)));
        ask(OWNER, VALIDATOR, 1, 0);
        ask(OWNER, VALIDATOR, 1, "request");
        vm.expectRevert(abi.encodeWithSelector(IAgentReputation.ReputationRequestKnown.selector, bytes32("request")));
        ask(OWNER, STRANGER, 1, "request");
    }

    function test_AnswersOfOthersOrAboveAHundredAreRefused() public {
        ask(OWNER, VALIDATOR, 1, "request");
        vm.expectRevert(
            abi.encodeWithSelector(IAgentReputation.ReputationNotValidator.selector, bytes32("request"), STRANGER)
        );
        respond(STRANGER, 50);
        vm.expectRevert(abi.encodeWithSelector(IAgentReputation.ReputationResponseTooHigh.selector, 101));
        respond(VALIDATOR, 101);
    }

    function test_APauseStopsFeedbackAndRequestsAlone() public {
        give(CLIENT, 5, 0);
        ask(OWNER, VALIDATOR, 1, "request");
        vm.prank(GUARDIAN);
        IGuarded(address(reputation)).pause();
        vm.expectRevert(IGuarded.GuardedPaused.selector);
        give(CLIENT, 5, 0);
        vm.expectRevert(IGuarded.GuardedPaused.selector);
        ask(OWNER, VALIDATOR, 1, "another");
        respond(VALIDATOR, 1);
        reputation.appendResponse(1, CLIENT, 1, "", 0);
        vm.prank(CLIENT);
        reputation.revokeFeedback(1, 1);
    }
}
