// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IAgentRegistry} from "../agents/IAgentRegistry.sol";
import {IGuarded} from "../governance/IGuarded.sol";
import {IUpgradeable} from "./support/Economy.sol";
import {Vm} from "./support/Cheats.sol";
import {Wallet} from "./support/Payers.sol";
import {Signing} from "./support/Signing.sol";

contract AgentRegistryTest is Signing {
    address internal constant GOVERNOR = address(0x60);
    address internal constant GUARDIAN = address(0x6A);
    address internal constant OWNER = address(0x01);
    address internal constant BUYER = address(0xB1);
    address internal constant STRANGER = address(0x57);
    uint256 internal constant WALLET_KEY = 0x3A11E7;

    IAgentRegistry internal registry;
    address internal wallet;

    function setUp() public {
        vm.warp(1_000_000);
        wallet = vm.addr(WALLET_KEY);
        registry = IAgentRegistry(created());
    }

    function created() internal returns (address) {
        bytes memory setup = abi.encodeCall(IAgentRegistry.initialize, (GOVERNOR, GUARDIAN));
        return deployed("ERC1967Proxy", abi.encode(deployed("AgentRegistry", ""), setup));
    }

    function token() internal view returns (IERC721Metadata) {
        return IERC721Metadata(address(registry));
    }

    function register() internal returns (uint256) {
        vm.prank(OWNER);
        return registry.register("ipfs://agent");
    }

    function same(string memory found, string memory expected) internal pure {
        equal(keccak256(bytes(found)), keccak256(bytes(expected)), found);
    }

    // Registering

    function test_ItIsSetUpOnceAndUpgradedByGovernanceAlone() public {
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        registry.initialize(GOVERNOR, GUARDIAN);
        address code = deployed("AgentRegistry", "");
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        IAgentRegistry(code).initialize(GOVERNOR, GUARDIAN);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IUpgradeable.OwnableUnauthorizedAccount.selector, STRANGER));
        IUpgradeable(address(registry)).upgradeToAndCall(code, "");
        vm.prank(GOVERNOR);
        IUpgradeable(address(registry)).upgradeToAndCall(code, "");
        equal(IGuarded(address(registry)).guardian(), GUARDIAN, "guardian");
        same(token().name(), "OpenLedger Agents");
        same(token().symbol(), "AGENT");
    }

    function test_AgentsAreNumberedFromOne() public {
        equal(registry.operatorOf(1), address(0), "no agent yet");
        vm.expectEmit(address(registry));
        emit IERC721.Transfer(address(0), OWNER, 1);
        vm.expectEmit(address(registry));
        emit IAgentRegistry.Registered(1, "ipfs://agent", OWNER);
        vm.expectEmit(address(registry));
        emit IAgentRegistry.MetadataSet(1, "agentWallet", "agentWallet", abi.encodePacked(OWNER));
        equal(register(), 1, "first");
        vm.prank(BUYER);
        equal(registry.register(), 2, "second");
        equal(registry.agentCount(), 2, "count");
        same(token().tokenURI(1), "ipfs://agent");
        same(token().tokenURI(2), "");
        equal(token().ownerOf(1), OWNER, "owner");
        equal(registry.operatorOf(1), OWNER, "operator");
        equal(registry.operatorOf(2), BUYER, "operator");
        equal(registry.operatorOf(0), address(0), "there is no agent 0");
        equal(registry.operatorOf(3), address(0), "nor a third");
        equal(registry.ceasedAt(1, address(0)), 0, "minting ends nobody's time");
    }

    function test_AnAgentIsRegisteredWithItsMetadata() public {
        IAgentRegistry.MetadataEntry[] memory metadata = new IAgentRegistry.MetadataEntry[](2);
        metadata[0] = IAgentRegistry.MetadataEntry("model", "llama");
        metadata[1] = IAgentRegistry.MetadataEntry("region", "eu");
        vm.expectEmit(address(registry));
        emit IAgentRegistry.MetadataSet(1, "model", "model", "llama");
        vm.expectEmit(address(registry));
        emit IAgentRegistry.MetadataSet(1, "region", "region", "eu");
        vm.prank(OWNER);
        registry.register("uri", metadata);
        same(string(registry.getMetadata(1, "model")), "llama");
        same(string(registry.getMetadata(1, "region")), "eu");
        same(string(registry.getMetadata(1, "other")), "");
        metadata[1].metadataKey = "agentWallet";
        vm.expectRevert(abi.encodeWithSelector(IAgentRegistry.AgentReservedKey.selector, "agentWallet"));
        registry.register("uri", metadata);
    }

    function test_APauseStopsRegistrationsAlone() public {
        register();
        vm.prank(GUARDIAN);
        IGuarded(address(registry)).pause();
        vm.expectRevert(IGuarded.GuardedPaused.selector);
        registry.register();
        vm.expectRevert(IGuarded.GuardedPaused.selector);
        registry.register("uri");
        vm.expectRevert(IGuarded.GuardedPaused.selector);
        registry.register("uri", new IAgentRegistry.MetadataEntry[](0));
        setWallet(1, wallet, WALLET_KEY, block.timestamp);
        vm.prank(OWNER);
        token().transferFrom(OWNER, BUYER, 1);
    }

    // Its file and its metadata

    function test_OwnerAndApprovedChangeAnAgent() public {
        register();
        vm.expectEmit(address(registry));
        emit IAgentRegistry.URIUpdated(1, "moved", OWNER);
        vm.prank(OWNER);
        registry.setAgentURI(1, "moved");
        same(token().tokenURI(1), "moved");
        vm.prank(OWNER);
        token().approve(BUYER, 1);
        vm.prank(BUYER);
        registry.setMetadata(1, "key", "value");
        same(string(registry.getMetadata(1, "key")), "value");
        vm.prank(BUYER);
        registry.setAgentURI(1, "again");
        same(token().tokenURI(1), "again");
    }

    function test_OthersChangeNothing() public {
        register();
        bytes memory refusal = abi.encodeWithSelector(IAgentRegistry.AgentNotAuthorized.selector, 1, STRANGER);
        vm.startPrank(STRANGER);
        vm.expectRevert(refusal);
        registry.setAgentURI(1, "mine");
        vm.expectRevert(refusal);
        registry.setMetadata(1, "key", "value");
        vm.expectRevert(refusal);
        registry.setAgentWallet(1, STRANGER, block.timestamp, "");
        vm.expectRevert(refusal);
        registry.unsetAgentWallet(1);
        vm.stopPrank();
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IAgentRegistry.AgentReservedKey.selector, "agentWallet"));
        registry.setMetadata(1, "agentWallet", abi.encodePacked(STRANGER));
    }

    function test_WhatDoesNotExistIsNeitherReadNorChanged() public {
        bytes memory refusal = abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 1);
        vm.expectRevert(refusal);
        registry.getAgentWallet(1);
        vm.expectRevert(refusal);
        registry.getMetadata(1, "key");
        vm.expectRevert(refusal);
        registry.setAgentURI(1, "uri");
        vm.expectRevert(refusal);
        registry.unsetAgentWallet(1);
    }

    // The wallet

    function proof(uint256 agentId, address named, uint256 key, uint256 deadline) internal view returns (bytes memory) {
        return signed(key, registry.hashAgentWallet(agentId, named, token().ownerOf(agentId), deadline));
    }

    function setWallet(uint256 agentId, address named, uint256 key, uint256 deadline) internal {
        bytes memory signature = proof(agentId, named, key, deadline);
        vm.prank(token().ownerOf(agentId));
        registry.setAgentWallet(agentId, named, deadline, signature);
    }

    function refused(address named, uint256 deadline, bytes memory signature, bytes memory reason) internal {
        vm.prank(OWNER);
        vm.expectRevert(reason);
        registry.setAgentWallet(1, named, deadline, signature);
    }

    function badProof(address named) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IAgentRegistry.AgentBadProof.selector, named);
    }

    function test_AWalletThatConsentsActsForTheAgent() public {
        register();
        bytes memory signature = proof(1, wallet, WALLET_KEY, block.timestamp);
        vm.expectEmit(address(registry));
        emit IAgentRegistry.OperatorCeased(1, OWNER);
        vm.expectEmit(address(registry));
        emit IAgentRegistry.MetadataSet(1, "agentWallet", "agentWallet", abi.encodePacked(wallet));
        vm.prank(OWNER);
        registry.setAgentWallet(1, wallet, block.timestamp, signature);
        equal(registry.getAgentWallet(1), wallet, "wallet");
        equal(registry.operatorOf(1), wallet, "operator");
        equal(keccak256(registry.getMetadata(1, "agentWallet")), keccak256(abi.encodePacked(wallet)), "metadata");
        equal(registry.ceasedAt(1, OWNER), block.timestamp, "the owner acted until now");
        equal(registry.ceasedAt(1, wallet), 0, "the wallet still acts");
    }

    function test_AContractConsentsByERC1271() public {
        register();
        address contractWallet = address(new Wallet(wallet));
        setWallet(1, contractWallet, WALLET_KEY, block.timestamp);
        equal(registry.operatorOf(1), contractWallet, "operator");
        refused(
            contractWallet,
            block.timestamp,
            proof(1, contractWallet, WALLET_KEY + 1, block.timestamp),
            badProof(contractWallet)
        );
    }

    function test_AWalletWithoutProofIsRefused() public {
        register();
        register();
        uint256 now_ = block.timestamp;
        refused(address(0), now_, "", abi.encodeWithSelector(IAgentRegistry.AgentZeroWallet.selector));
        bytes memory signature = proof(1, wallet, WALLET_KEY, now_ - 1);
        refused(
            wallet,
            now_ - 1,
            signature,
            abi.encodeWithSelector(IAgentRegistry.AgentProofExpired.selector, now_ - 1, now_)
        );
        refused(wallet, now_, signature, badProof(wallet));
        refused(wallet, now_, proof(1, wallet, WALLET_KEY + 1, now_), badProof(wallet));
        refused(wallet, now_, proof(2, wallet, WALLET_KEY, now_), badProof(wallet));
        refused(STRANGER, now_, proof(1, STRANGER, WALLET_KEY, now_), badProof(STRANGER));
        refused(wallet, now_, "", badProof(wallet));
    }

    function test_AProofIsGoodOnOneChainForOneRegistryInOneForm() public {
        register();
        uint256 now_ = block.timestamp;
        bytes memory signature = proof(1, wallet, WALLET_KEY, now_);
        vm.chainId(block.chainid + 1);
        refused(wallet, now_, signature, badProof(wallet));
        vm.chainId(block.chainid - 1);
        IAgentRegistry here = registry;
        registry = IAgentRegistry(created());
        register();
        refused(wallet, now_, signature, badProof(wallet));
        registry = here;
        bytes32 digest = registry.hashAgentWallet(1, wallet, OWNER, now_);
        refused(wallet, now_, mirrored(WALLET_KEY, digest), badProof(wallet));
        vm.prank(OWNER);
        registry.setAgentWallet(1, wallet, now_, signature);
    }

    function test_AProofDoesNotOutliveItsOwner() public {
        register();
        bytes memory signature = proof(1, wallet, WALLET_KEY, block.timestamp);
        vm.prank(OWNER);
        token().transferFrom(OWNER, BUYER, 1);
        vm.prank(BUYER);
        vm.expectRevert(badProof(wallet));
        registry.setAgentWallet(1, wallet, block.timestamp, signature);
    }

    function test_AnUnsetWalletLeavesTheOwnerToAct() public {
        register();
        vm.prank(OWNER);
        registry.unsetAgentWallet(1);
        equal(registry.ceasedAt(1, OWNER), 0, "nothing was set, nobody ceased");
        setWallet(1, wallet, WALLET_KEY, block.timestamp);
        vm.warp(block.timestamp + 5);
        vm.expectEmit(address(registry));
        emit IAgentRegistry.OperatorCeased(1, wallet);
        vm.expectEmit(address(registry));
        emit IAgentRegistry.MetadataSet(1, "agentWallet", "agentWallet", "");
        vm.prank(OWNER);
        registry.unsetAgentWallet(1);
        equal(registry.operatorOf(1), OWNER, "operator");
        equal(registry.getAgentWallet(1), OWNER, "wallet");
        equal(registry.ceasedAt(1, wallet), block.timestamp, "the wallet acted until now");
    }

    function test_WhereNoWalletIsNoneIsTakenAway() public {
        register();
        vm.recordLogs();
        vm.startPrank(OWNER);
        registry.unsetAgentWallet(1);
        token().transferFrom(OWNER, BUYER, 1);
        vm.stopPrank();
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            require(logs[i].topics[0] != IAgentRegistry.MetadataSet.selector, "says that a wallet went");
        }
    }

    function test_ATransferClearsTheWallet() public {
        register();
        setWallet(1, wallet, WALLET_KEY, block.timestamp);
        vm.warp(block.timestamp + 5);
        vm.expectEmit(address(registry));
        emit IAgentRegistry.OperatorCeased(1, wallet);
        vm.prank(OWNER);
        token().transferFrom(OWNER, BUYER, 1);
        equal(registry.operatorOf(1), BUYER, "the buyer acts");
        equal(registry.ceasedAt(1, wallet), block.timestamp, "the wallet acted until now");
        vm.warp(block.timestamp + 5);
        vm.prank(BUYER);
        token().transferFrom(BUYER, OWNER, 1);
        equal(registry.ceasedAt(1, BUYER), block.timestamp, "an owner that acted itself ceases too");
        vm.warp(block.timestamp + 5);
        vm.prank(OWNER);
        token().transferFrom(OWNER, OWNER, 1);
        require(registry.ceasedAt(1, OWNER) != block.timestamp, "who goes on does not cease");
    }
}
